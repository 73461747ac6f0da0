// What the service sends, turned into frozen values, or refused. A message that cannot be understood never counts
// as a sign of life: the watchdog then says "connection lost", which is the honest answer.

export type Level = "none" | "prepare" | "take_cover" | "all_clear";

export interface ZoneState {
  readonly zone: string;
  readonly level: Level;
  /** Milliseconds since 1970, by the service's clock, like every time here. */
  readonly sinceMs: number | null;
  readonly expiresMs: number | null;
  readonly etaEarliestMs: number | null;
  readonly etaLikelyMs: number | null;
  readonly threat: string | null;
  readonly degraded: boolean;
  /** There is less warning time than usual here; said late and of whole regions, and never the contrary. */
  readonly lessTime: boolean;
  readonly drill: boolean;
  /** What a duty officer tells everybody along with the warning, in his own words. */
  readonly publicReason: string | null;
}

export interface Pulse {
  readonly nowMs: number;
  readonly pictureAtMs: number | null;
  readonly degraded: boolean;
}

export interface LinePulse extends Pulse {
  /** Number of the last state or change that whoever hears this has heard; null: the line itself keeps order. */
  readonly seq: number | null;
}

export interface ZonesChange extends Pulse {
  readonly seq: number;
  readonly zones: readonly ZoneState[];
}

export interface WholeState extends ZonesChange {
  readonly drill: boolean;
  /** Another where zones were re-cut; null: this service does not say. */
  readonly cut: string | null;
}

export class BadMessage extends Error {}

const LEVELS: ReadonlySet<unknown> = new Set<Level>(["none", "prepare", "take_cover", "all_clear"]);

type Fields = Record<string, unknown>;

function fieldsOf(value: unknown, what: string): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new BadMessage(`${what} is not an object`);
  }
  return value as Fields;
}

function timeOf(fields: Fields, name: string): number {
  const text = fields[name];
  const ms = typeof text === "string" ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(ms)) throw new BadMessage(`${name} is ${JSON.stringify(text)}, not a time`);
  return ms;
}

function optionalTimeOf(fields: Fields, name: string): number | null {
  return fields[name] === null || fields[name] === undefined ? null : timeOf(fields, name);
}

function zoneStateOf(value: unknown): ZoneState {
  const fields = fieldsOf(value, "a zone");
  if (typeof fields.zone !== "string" || fields.zone === "") throw new BadMessage("a zone has no id");
  if (!LEVELS.has(fields.level)) throw new BadMessage(`zone ${fields.zone} has level ${JSON.stringify(fields.level)}`);
  return {
    zone: fields.zone,
    level: fields.level as Level,
    sinceMs: optionalTimeOf(fields, "since"),
    expiresMs: optionalTimeOf(fields, "expires"),
    etaEarliestMs: optionalTimeOf(fields, "eta_earliest"),
    etaLikelyMs: optionalTimeOf(fields, "eta_likely"),
    threat: typeof fields.threat === "string" ? fields.threat : null,
    degraded: fields.degraded === true,
    lessTime: fields.less_time === true,
    drill: fields.drill === true,
    publicReason: typeof fields.public_reason === "string" ? fields.public_reason : null,
  };
}

function pulseOf(fields: Fields): Pulse {
  if (typeof fields.degraded !== "boolean") throw new BadMessage("degraded is missing");
  return {
    nowMs: timeOf(fields, "now"),
    pictureAtMs: optionalTimeOf(fields, "picture_at"),
    degraded: fields.degraded,
  };
}

function changeOf(fields: Fields): ZonesChange {
  if (typeof fields.seq !== "number") throw new BadMessage("seq is missing");
  if (!Array.isArray(fields.zones)) throw new BadMessage("zones is missing");
  return { ...pulseOf(fields), seq: fields.seq, zones: fields.zones.map(zoneStateOf) };
}

function parsed(text: string): Fields {
  try {
    return fieldsOf(JSON.parse(text), "the message");
  } catch (error) {
    throw error instanceof BadMessage ? error : new BadMessage("the message is not JSON");
  }
}

/** The whole picture: the first message of every connection. */
export function readState(text: string): WholeState {
  const fields = parsed(text);
  return { ...changeOf(fields), drill: fields.drill === true, cut: typeof fields.cut === "string" ? fields.cut : null };
}

/** The zones that changed. */
export function readZones(text: string): ZonesChange {
  return changeOf(parsed(text));
}

/** The sign of life that comes every second. */
export function readPulse(text: string): LinePulse {
  const fields = parsed(text);
  return { ...pulseOf(fields), seq: typeof fields.seq === "number" ? fields.seq : null };
}
