// What a report is on the device, and what goes over the line.

export const KINDS = ["drone", "cruise_missile", "jet", "helicopter", "ballistic_missile", "explosion", "unknown"] as const;
export type Kind = (typeof KINDS)[number];
export type Sense = "seen" | "heard" | "both";

export interface Place {
  readonly lat: number;
  readonly lon: number;
  readonly accuracy_m: number;
}

/** Where it was, as whoever reports knows it. */
export interface Where {
  readonly post: Place | null;
  readonly bearing_deg: number | null;
  readonly distance_m: number | null;
  readonly at: Place | null;
}

export interface Body extends Where {
  readonly what: Kind;
  readonly sense: Sense;
  readonly heading_deg: number | null;
}

export type Fate = "kept" | "unused" | "watched" | "cover" | "quiet";
export type State = "waiting" | "refused" | Fate;

/** A report that this device has made. Its body is forgotten as soon as the service has it. */
export interface Report {
  readonly id: string;
  readonly what: Kind;
  /** By the device's clock. */
  readonly capturedMs: number;
  /** How far the device's clock was behind the service's then; null: not known. */
  readonly offsetMs: number | null;
  /** By the service's clock: settled when it is first sent, so that sending it again is sending the same. */
  readonly time: string | null;
  /** Not sent before this: it can still be taken back. */
  readonly heldMs: number;
  readonly body: Body | null;
  readonly state: State;
  readonly why: string | null;
}

export const HELD_MS = 3_000;
// What came of a report is shown this long; then nothing of it is left here.
export const SHOWN_MS = 12 * 3_600_000;
// The service has decided by then what came of it.
const OVER_MS = 15 * 60_000;

export function chance(bytes: number): string {
  const octets = crypto.getRandomValues(new Uint8Array(bytes));
  return btoa(String.fromCharCode(...octets))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}

export function made(body: Body, nowMs: number, offsetMs: number | null): Report {
  const heldMs = nowMs + HELD_MS;
  return { id: chance(12), what: body.what, capturedMs: nowMs, offsetMs, time: null, heldMs, body, state: "waiting", why: null };
}

/** The same with its time by the service's clock, if it had none yet. */
export function timed(report: Report, offsetMs: number): Report {
  if (report.time !== null) return report;
  return { ...report, time: new Date(report.capturedMs + (report.offsetMs ?? offsetMs)).toISOString() };
}

/** Whether more may yet come of it. */
export function open({ state, capturedMs }: Report, nowMs: number): boolean {
  return (state === "kept" || state === "watched" || state === "cover") && nowMs - capturedMs < OVER_MS;
}

/** What the service is sent. */
export function wire({ id, time, body }: Report): object {
  return Object.fromEntries(Object.entries({ id, time, ...body }).filter(([, value]) => value !== null));
}
