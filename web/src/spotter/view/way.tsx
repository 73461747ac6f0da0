// The third tap: which way it moves. North is up in every language.

import { useSpoken } from "../context";

export const WAYS = ["n", "ne", "e", "se", "s", "sw", "w", "nw"] as const;
export type WayName = (typeof WAYS)[number];
/** As they lie on a screen, row by row; null: the middle. */
const ROSE: readonly (WayName | null)[] = ["nw", "n", "ne", "w", null, "e", "sw", "s", "se"];

export const degreesOf = (way: WayName): number => 45 * WAYS.indexOf(way);
export const wayOf = (degrees: number): WayName => WAYS[Math.round(degrees / 45) % 8] as WayName;

export function Way({ choose, back }: { choose: (headingDeg: number | null) => void; back: () => void }) {
  const { say } = useSpoken();
  return (
    <main class="step way">
      <h1>{say("way_ask")}</h1>
      <div class="rose" dir="ltr">
        {ROSE.map((way) =>
          way === null ? (
            <button type="button" key="none" class="middle" onClick={() => choose(null)}>
              {say("way_unknown")}
            </button>
          ) : (
            <button type="button" key={way} onClick={() => choose(degreesOf(way))}>
              <svg viewBox="0 0 24 24" aria-hidden="true">
                <path d="M12 2l7 9h-4v11H9V11H5z" transform={`rotate(${degreesOf(way)} 12 12)`} />
              </svg>
              <span>{say(`way_${way}`)}</span>
            </button>
          ),
        )}
      </div>
      <p class="beneath">
        <button type="button" class="quiet" onClick={back}>
          {say("back")}
        </button>
      </p>
    </main>
  );
}
