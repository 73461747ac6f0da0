// What the service says to the console, as it comes: names and units are those of docs/reference/console.md. Times are
// RFC 3339 in UTC.

export type Time = string;
export type Level = "none" | "prepare" | "take_cover" | "all_clear";
export type Raised = "prepare" | "take_cover";

export interface Track {
  readonly id: string;
  readonly by: "sensors" | "words";
  readonly lat: number;
  readonly lon: number;
  readonly altitude_m: number | null;
  readonly altitude_sigma_m: number | null;
  readonly speed_mps: number;
  readonly heading_deg: number;
  readonly climb_mps: number;
  readonly sigma_m: number;
  readonly ellipse: { readonly major_m: number; readonly minor_m: number; readonly major_deg: number } | null;
  readonly threat: string;
  readonly probability: number;
  readonly classes: Readonly<Record<string, number>>;
  readonly status: "tentative" | "confirmed" | "coasted";
  readonly sensors: number;
  readonly cooperative: boolean;
  readonly icao24: string | null;
  readonly since: Time;
  readonly heard: Time;
  readonly lost: boolean;
}

export interface Sensor {
  readonly id: string;
  readonly kind: string;
  readonly lat: number;
  readonly lon: number;
  readonly state: string;
  readonly reports: number;
  readonly heard: Time | null;
  readonly declared: { readonly range_m: number | null; readonly scan_s: number | null; readonly detection_probability: number | null };
  readonly range_bias_m: number;
  readonly azimuth_bias_deg: number;
  readonly time_bias_s: number;
  readonly measured_detection_probability: number | null;
  readonly measured_false_plots_per_scan: number | null;
  readonly measured_delay_s: number | null;
}

export interface Zone {
  readonly zone: string;
  readonly level: Level;
  readonly since: Time | null;
  readonly expires: Time | null;
  readonly eta_earliest: Time | null;
  readonly eta_likely: Time | null;
  readonly probability: number;
  readonly threat: string | null;
  readonly warning: string | null;
  readonly degraded: boolean;
  readonly degraded_reason: string | null;
  readonly public_reason: string | null;
}

export interface Standing {
  readonly act: string;
  readonly operator: string;
  readonly approved_by: string | null;
  readonly action: "raise" | "cancel";
  readonly level: Raised | null;
  readonly zones: readonly string[];
  readonly since: Time;
  readonly ends: Time | null;
  readonly reason: string;
  readonly public_reason: string;
}

export interface Proposal {
  readonly zone: string;
  readonly since: Time;
  readonly eta_earliest: Time | null;
  readonly eta_likely: Time | null;
  readonly probability: number;
  readonly threat: string;
  readonly reason: string;
}

export interface WaitingAct {
  readonly act: string;
  readonly operator: string;
  readonly action: "raise" | "confirm" | "cancel" | "release" | "switch";
  readonly level: Raised | null;
  readonly zones: readonly string[];
  readonly since: Time;
  readonly ends: Time;
  readonly why: string;
  readonly reason: string;
  readonly public_reason: string;
}

export interface Channel {
  readonly channel: string;
  readonly state: "up" | "failing" | "missing" | "read";
  readonly waiting: number;
  readonly counts: Readonly<Record<string, number>>;
  readonly accepted_s: Readonly<Record<string, number | null>>;
  readonly canary: "up" | "silent" | null;
  readonly trouble: string | null;
}

export interface Feed {
  readonly name: string;
  readonly state: "starting" | "up" | "down";
  readonly trouble: string | null;
}

export interface Can {
  readonly do: string;
  readonly to: string;
  readonly body?: Readonly<Record<string, unknown>> | null;
}

export interface Needed {
  readonly id: string;
  readonly kind: string;
  readonly why: string;
  readonly since: Time | null;
  readonly deadline: Time | null;
  readonly otherwise: string;
  readonly zones: readonly string[];
  readonly zone_count: number;
  readonly people: number;
  readonly tracks: readonly string[];
  readonly can: readonly Can[];
  readonly facts: Readonly<Record<string, string | number | null>>;
}

/** How one channel has done of late. `late_s`: how much later than its profile says it writes. */
export interface Voice {
  readonly name: string;
  readonly objects: number;
  readonly borne_out: number | null;
  readonly late_s: number | null;
}

export interface Picture {
  readonly seq: number;
  readonly time: Time | null;
  readonly now: Time;
  readonly drill: boolean;
  readonly doubtful: boolean;
  readonly troubles: readonly string[];
  readonly tracks: readonly Track[];
  readonly sensors: readonly Sensor[];
  readonly zones: readonly Zone[];
  readonly standing: readonly Standing[];
  readonly proposals: readonly Proposal[];
  readonly waiting: readonly WaitingAct[];
  readonly channels: readonly Channel[];
  readonly feeds: readonly Feed[];
  readonly decisions: readonly Needed[];
  /** Not in pictures that were kept before there were any. */
  readonly voices?: readonly Voice[];
}

export type Change = Partial<Omit<Picture, "seq" | "now">> & {
  readonly seq: number;
  readonly after: number;
  readonly now: Time;
  readonly tracks_gone?: readonly string[];
  readonly sensors_gone?: readonly string[];
  readonly zones_gone?: readonly string[];
};
