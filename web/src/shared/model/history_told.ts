// What the service remembers of zones under cover. It is asked for all zones at once: nobody learns whose they are.

import type { Span } from "./history";
import type { MyPlace } from "./places";

interface Told {
  readonly zone: string;
  readonly began: string;
  readonly ended: string | null;
  readonly drill: boolean;
}

export async function toldSpans(places: readonly MyPlace[]): Promise<readonly Span[]> {
  const answer = await fetch("/v1/history");
  if (!answer.ok) throw new Error(`the history was answered with ${answer.status}`);
  const { episodes } = (await answer.json()) as { episodes: readonly Told[] };
  return places.flatMap(({ id, zones }) =>
    episodes
      .filter(({ zone }) => zones.includes(zone))
      .map(({ began, ended, drill }) => ({
        ...{ place: id, word: "take_cover" as const, drill },
        fromMs: Date.parse(began),
        toMs: ended === null ? null : Date.parse(ended),
      })),
  );
}
