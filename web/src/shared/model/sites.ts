// Airports and stations, as far as they do not work as always.

export interface TroubledSite {
  readonly id: string;
  readonly name: string;
  readonly state: "sheltering" | "out_of_service";
  readonly sinceMs: number | null;
  readonly untilMs: number | null;
  readonly note: string;
}

const timeOf = (given: unknown): number | null => {
  const ms = typeof given === "string" ? Date.parse(given) : Number.NaN;
  return Number.isNaN(ms) ? null : ms;
};

/** Those of an answer that are not simply open; what is none is left out. */
export function troubledOf(answer: unknown): readonly TroubledSite[] {
  const { sites } = (answer ?? {}) as { sites?: unknown };
  if (!Array.isArray(sites)) throw new TypeError("the sites are no list");
  return sites.flatMap((site: Record<string, unknown> | null) => {
    const { id, name, state, since, until, note } = site ?? {};
    if (typeof id !== "string" || typeof name !== "string") return [];
    if (state !== "sheltering" && state !== "out_of_service") return [];
    const said = typeof note === "string" ? note : "";
    return [{ id, name, state, sinceMs: timeOf(since), untilMs: timeOf(until), note: said }];
  });
}
