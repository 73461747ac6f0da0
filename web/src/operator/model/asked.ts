// What the console asks for one thing at a time, as it comes.

import type { Level, Raised, Time } from "./wire";

export interface Carrier {
  readonly track: string;
  readonly threat: string;
  readonly probability: number;
  readonly eta_earliest: Time;
  readonly eta_likely: Time;
  readonly sensors: number | null;
  readonly heard: Time | null;
  readonly taken_back: boolean;
}

export interface Hold {
  readonly by: "sensors" | "officer" | "impact" | "neighbour" | "reports";
  readonly level: Raised;
  readonly until: Time | null;
  readonly who: readonly string[];
  readonly why: string;
  /** What sensors saw called for it; what they see does not any more. */
  readonly lingers: boolean;
}

/** What a reason of blindness is made of. */
export interface Blindness {
  readonly kind: "nothing" | "removed" | "lost" | "radar" | "mesh";
  readonly failed: number;
  readonly count: number;
  readonly states: readonly string[];
}

export interface Clearing {
  readonly reachable: boolean;
  readonly blind: boolean;
  readonly earliest: Time | null;
  readonly why: string;
}

export interface Delivered {
  readonly channel: string;
  readonly warning: string;
  readonly recipients: number;
  readonly queued: Time;
  readonly accepted_by: number;
  readonly acknowledged_by: number;
  readonly failed: number;
  readonly given_up: number;
  readonly heard: Time | null;
}

/** GET /v1/console/zones/{zone}/evidence */
export interface Evidence {
  readonly zone: string;
  readonly people: number;
  readonly shelter_s: number;
  readonly level: Level;
  readonly since: Time | null;
  readonly expires: Time | null;
  readonly warning: string | null;
  readonly threat: string | null;
  readonly probability: number;
  readonly cover: number;
  readonly prepare: number;
  readonly reason: string;
  readonly carriers: readonly Carrier[];
  readonly carrier_count: number;
  readonly sources: readonly string[];
  readonly holds: readonly Hold[];
  readonly clearing: Clearing | null;
  readonly degraded_reason: string | null;
  /** Null: in words that this service did not make, or nothing. */
  readonly blindness: Blindness | null;
  readonly delivered: readonly Delivered[];
}

/** GET /v1/console/log */
export interface LogEntry {
  readonly number: number;
  readonly time: Time;
  readonly kind: string;
  readonly who: string;
  readonly state: string;
  readonly text: string;
  readonly zones: readonly string[];
  readonly zone_count: number;
  readonly drill: boolean;
}

export interface Log {
  readonly entries: readonly LogEntry[];
  readonly after: number | null;
}

/** GET /v1/audit */
export interface AuditEntry {
  readonly seq: number;
  readonly time: Time;
  readonly who: string;
  readonly what: string;
  readonly about: string;
  readonly where: string;
  readonly by: string;
  readonly detail: string;
  readonly times: number;
}

export interface AuditPage {
  readonly entries: readonly AuditEntry[];
  readonly before: number | null;
  readonly head: number;
  readonly head_sha256: string;
}

/** GET /v1/console/notes */
export interface Notes {
  readonly notes: readonly Note[];
  readonly after: number | null;
}

export interface Note {
  readonly number: number;
  readonly time: Time;
  readonly who: string;
  readonly text: string;
}

/** GET /v1/console/past */
export interface Past {
  readonly first: Time | null;
  readonly last: Time | null;
  readonly every_s: number;
  readonly count: number;
  readonly marks: readonly Time[];
}

export interface Source {
  readonly id: string;
  readonly kind: string;
  readonly authority: {
    readonly kinds?: readonly string[];
    readonly sensors?: readonly string[];
    readonly alerts?: string;
    readonly alone?: readonly string[];
    readonly measures?: readonly string[];
    readonly per_second_max?: number;
  };
  readonly signatures: string | null;
}

/** GET /v1/console/settings */
export interface Settings {
  readonly sector: string;
  readonly sender: string;
  readonly drill: boolean;
  readonly policy: string;
  readonly zones: number;
  readonly people: number;
  readonly sensors: Readonly<Record<string, number>>;
  readonly sources: readonly Source[];
  readonly channels: readonly { readonly id: string; readonly kind: string; readonly always: boolean }[];
  readonly operators: readonly { readonly id: string; readonly actions: readonly string[]; readonly zones: readonly string[]; readonly worlds: string }[];
  readonly second_person: readonly string[];
  readonly wide_zones: number;
  readonly wide_people: number;
  readonly waits_s: number;
  readonly languages: readonly string[];
  readonly signed: boolean;
  readonly ledger: boolean;
  readonly minutes: boolean;
}

/** What became of an act, or of a retraction. */
export interface Acted {
  readonly seq: number;
  readonly waits: string | null;
  readonly duplicate?: boolean;
  readonly zones?: readonly string[];
  readonly left?: readonly string[];
}
