// The ledger, as the service tells it: /v1/console/ledger/…

import type { Time } from "./wire";

export const BELOW = "/v1/console/ledger";

export interface IncidentRow {
  readonly incident: string;
  readonly begin: Time;
  readonly end: Time | null;
  readonly window: string;
  readonly struck: string;
  readonly place: { readonly name: string; readonly lat: number; readonly lon: number; readonly sigma_m: number } | null;
  readonly threat: string;
  readonly weapon: string;
  readonly released: boolean;
  readonly drill: boolean;
}

export interface IncidentPage {
  readonly incidents: readonly IncidentRow[];
  readonly after: number | null;
  readonly found: number;
  readonly all: number;
}

export interface Claim {
  readonly id: string;
  readonly figure: string | null;
  readonly denied: boolean;
  readonly by: readonly string[];
  readonly at: Time;
  readonly url: string | null;
  readonly where: string;
  readonly language: string;
  readonly words: string;
  readonly window: string;
  readonly files: number;
}

export interface Statement {
  readonly voice: string;
  readonly called: string;
  readonly figure: string | null;
  readonly denied: boolean;
  readonly claims: readonly Claim[];
  readonly echoes: readonly Claim[];
  readonly revised: readonly Claim[];
  readonly more: number;
}

export interface Finding {
  readonly measure: string;
  readonly subject: string;
  readonly statements: readonly Statement[];
  readonly span: string | null;
  readonly agreed: string | null;
  readonly contradictions: readonly { readonly one: string; readonly other: string; readonly why: string }[];
}

export interface Case {
  readonly incident: string;
  readonly known: IncidentRow | null;
  readonly members: readonly string[];
  readonly warnings: readonly string[];
  readonly tracks: readonly string[];
  readonly findings: readonly Finding[];
  readonly taken_back: readonly string[];
  readonly decisions: readonly { readonly id: string; readonly kind: string; readonly at: Time; readonly by: string; readonly reason: string; readonly undone: boolean }[];
}

export interface Source {
  readonly source: string;
  readonly members: readonly string[];
  readonly names: readonly { readonly text: string; readonly language: string }[];
  readonly kind: string;
  readonly site: string | null;
  readonly voice: string | null;
  readonly about: string;
}

export interface SourcePage {
  readonly sources: readonly Source[];
  readonly after: number | null;
  readonly found: number;
}

export interface Pair {
  readonly one: string;
  readonly other: string;
  readonly one_called: string;
  readonly other_called: string;
  readonly reasons: readonly string[];
  readonly why: readonly { readonly key: string; readonly values: Readonly<Record<string, string>> }[];
}

export interface Perhaps {
  readonly incidents: readonly Pair[];
  readonly sources: readonly Pair[];
  readonly all: boolean;
}

/** What came of the impacts that one source reported; `advice`: what an officer may think of. */
export interface Reporter {
  readonly source: string;
  readonly borne_out: number;
  readonly alone: number;
  readonly not_so: number;
  readonly share: number | null;
  readonly advice: "rely" | "doubt" | null;
}

/** What people call an incident in a line. */
export const calledOf = ({ incident, struck, place }: IncidentRow): string => [struck, place?.name].filter(Boolean).join(", ") || incident;
