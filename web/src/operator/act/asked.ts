// An act as an officer is about to do it, and what is sent when he does.

import type { Raised, Standing, WaitingAct } from "../model/wire";

export type Asked =
  | { readonly do: "raise"; readonly zones: readonly string[]; readonly level?: Raised }
  | { readonly do: "extend"; readonly zones: readonly string[]; readonly standing: Standing }
  | { readonly do: "confirm"; readonly zones: readonly string[] }
  | { readonly do: "cancel"; readonly zones: readonly string[] }
  | { readonly do: "release"; readonly zones: readonly string[] }
  | { readonly do: "approve"; readonly zones: readonly string[]; readonly waiting: WaitingAct }
  | { readonly do: "retract"; readonly zones: readonly string[] };
export type Doing = Asked["do"];

export type Whose = "all" | "officers" | "mine";

export interface Filled {
  readonly level: Raised;
  /** Seconds; null: until it is released. */
  readonly lastsS: number | null;
  readonly whose: Whose;
  /** The id of a prepared text; null: `publicReason`. */
  readonly prepared: string | null;
  readonly publicReason: string;
  readonly reason: string;
}

export interface Sent {
  readonly to: "/v1/acts" | "/v1/retractions";
  readonly body: Readonly<Record<string, unknown>>;
}

/** An id of our own: the same act sent twice does nothing more. */
export function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return `console-${[...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

/** What is sent. `texts` are the prepared ones by id; an act other than a retraction carries the text itself. */
export function sentFor(asked: Asked, filled: Filled, id: string, texts: Readonly<Record<string, string>>): Sent {
  const { level, lastsS, whose, prepared, publicReason, reason } = filled;
  const common = { id, reason };
  const told = prepared === null ? publicReason : (texts[prepared] ?? publicReason);
  if (asked.do === "retract") {
    const text = prepared === null ? { public_reason: publicReason } : { prepared };
    return { to: "/v1/retractions", body: { ...common, ...text, whose } };
  }
  if (asked.do === "approve") {
    const { act, operator } = asked.waiting;
    return { to: "/v1/acts", body: { ...common, action: "approve", act, act_of: operator } };
  }
  const { zones } = asked;
  if (asked.do === "raise" || asked.do === "extend") {
    const raised = asked.do === "extend" ? (asked.standing.level ?? level) : level;
    const text = asked.do === "extend" ? asked.standing.public_reason : told;
    const lasts = lastsS === null ? {} : { lasts_s: lastsS };
    return { to: "/v1/acts", body: { ...common, action: "raise", zones, level: raised, public_reason: text, ...lasts } };
  }
  return { to: "/v1/acts", body: { ...common, action: asked.do, zones, public_reason: told } };
}

/** Acts on exactly the zones that an officer sees listed; who leaves one out leaves it be. */
export function without(asked: Asked, zone: string): Asked {
  return { ...asked, zones: asked.zones.filter((one) => one !== zone) };
}
