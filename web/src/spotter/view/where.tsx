// The second tap: where it is. The phone is pointed at it, or a finger at the map; and whether it was seen or heard.

import { useEffect, useState } from "preact/hooks";
import type { Zones } from "../../shared/model/outlines";
import { useSpoken } from "../context";
import { useCompass } from "../model/compass";
import type { Position } from "../model/position";
import type { Sense, Where as Known } from "../model/report";
import { Dial } from "./dial";
import { Pointing } from "./pointing";

/** Guesses of a distance, in metres. */
const FAR = [
  ["far_unknown", null],
  ["far_near", 600],
  ["far_middle", 2_500],
  ["far_far", 6_000],
] as const;

interface Props {
  readonly zones: Zones;
  readonly position: Position;
  readonly place: () => void;
  readonly choose: (where: Known, sense: Sense) => void;
  readonly back: () => void;
}

export function Where({ zones, position, place, choose, back }: Props) {
  const { words, say } = useSpoken();
  const compass = useCompass();
  const [mode, setMode] = useState<"point" | "map">("point");
  const [bearingDeg, setBearing] = useState(0);
  const [turned, setTurned] = useState(false);
  const [distance_m, setDistance] = useState<number | null>(null);
  const [seen, setSeen] = useState(true);
  const [heard, setHeard] = useState(false);
  const sense: Sense = seen && heard ? "both" : heard ? "heard" : "seen";
  useEffect(() => {
    // A finger on the dial outranks the compass.
    if (compass.headingDeg !== null && !turned) setBearing(compass.headingDeg);
  }, [compass.headingDeg, turned]);
  const post = position.place;
  const told = (bearing_deg: number | null) => choose({ post, bearing_deg, distance_m, at: null }, sense);
  return (
    <main class="step where">
      <h1>{say("where_ask")}</h1>
      <div class="chips" role="group">
        <button type="button" aria-pressed={seen} onClick={() => (heard ? setSeen(!seen) : setHeard(!seen))}>
          {say("seen")}
        </button>
        <button type="button" aria-pressed={heard} onClick={() => (seen ? setHeard(!heard) : setSeen(!heard))}>
          {say("heard")}
        </button>
        <span class="gap" />
        <button type="button" aria-pressed={mode === "point"} onClick={() => setMode("point")}>
          {say("by_pointing")}
        </button>
        <button type="button" aria-pressed={mode === "map"} onClick={() => setMode("map")}>
          {say("by_map")}
        </button>
      </div>
      {mode === "map" ? (
        <Pointing
          zones={zones}
          own={post}
          help={say("map_help")}
          take={say("here")}
          done={(at) => choose({ post, bearing_deg: null, distance_m: null, at }, sense)}
        />
      ) : (
        <>
          <Dial
            bearingDeg={bearingDeg}
            turn={(degrees) => {
              setTurned(true);
              setBearing(degrees);
            }}
          />
          {compass.ask !== null ? (
            <button type="button" class="quiet" onClick={compass.ask}>
              {say("compass_on")}
            </button>
          ) : (
            <p class="hint">{say("dial_help")}</p>
          )}
          <div class="chips" role="group" aria-label={say("how_far")}>
            {FAR.map(([key, metres]) => (
              <button type="button" key={key} aria-pressed={distance_m === metres} onClick={() => setDistance(metres)}>
                {say(key)}
              </button>
            ))}
          </div>
          <p class={`position is-${position.kind}`} role="status">
            <span>
              {position.kind === "known"
                ? say("position_known", { distance: words.number(post?.accuracy_m ?? 0) })
                : say(`position_${position.kind}`)}
            </span>
            {(position.kind === "none" || position.kind === "odd" || position.kind === "waiting") && (
              <button type="button" onClick={place}>
                {say("choose_place")}
              </button>
            )}
          </p>
          <div class="actions">
            <button type="button" class="main" disabled={post === null} onClick={() => told(bearingDeg)}>
              {say("there")}
            </button>
            <button type="button" class="second" disabled={post === null} onClick={() => told(null)}>
              {say("around")}
            </button>
          </div>
        </>
      )}
      <p class="beneath">
        <button type="button" class="quiet" onClick={back}>
          {say("back")}
        </button>
      </p>
    </main>
  );
}
