// The nearest shelters to where I am, or to the middle of my place.

import { useState } from "preact/hooks";
import { useWords } from "../context";
import type { Mine } from "../hooks";
import type { Key } from "../../shared/i18n";
import { type Near, nearest, sheltersOf, walkS } from "../../shared/model/shelters";

const SHOWN_MAX = 5;
const POSITION_MAX_MS = 10_000;

/** Where this device is; null where it does not say. */
function whereAmI(): Promise<readonly [number, number] | null> {
  if (!("geolocation" in navigator)) return Promise.resolve(null);
  return new Promise((done) => {
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => done([coords.longitude, coords.latitude]),
      () => done(null),
      { timeout: POSITION_MAX_MS, maximumAge: 60_000, enableHighAccuracy: true },
    );
  });
}

export function Shelters({ mine }: { mine: Mine | undefined }) {
  const words = useWords();
  const [near, setNear] = useState<readonly Near[] | null>(null);
  const [said, setSaid] = useState<Key | null>(null);
  const look = async () => {
    setSaid("locating");
    try {
      const answer = await fetch("/v1/shelters");
      if (!answer.ok) throw new Error(`the shelters were answered with ${answer.status}`);
      const shelters = sheltersOf(await answer.json());
      const from = shelters.length === 0 ? null : ((await whereAmI()) ?? mine?.place.at ?? null);
      setNear(from === null ? [] : nearest(shelters, from, SHOWN_MAX));
      setSaid(shelters.length === 0 ? "shelters_none" : from === null ? "denied" : null);
    } catch (error) {
      console.warn("tocsin: no shelters", error);
      setSaid("push_failed");
    }
  };
  return (
    <section class="card shelters">
      <button type="button" disabled={said === "locating"} onClick={look}>
        {words.say("shelters")}
      </button>
      <p role="status">{said !== null && words.say(said)}</p>
      {near !== null && near.length > 0 && (
        <>
          <ol>
            {near.map(({ name, note, at, distanceM }) => (
              <li key={`${name}/${at.join()}`}>
                <a href={`geo:${at[1]},${at[0]}`}>
                  <bdi>{name}</bdi>
                </a>
                <small>
                  {words.say("shelter_way", { distance: words.metres(distanceM), time: words.duration(walkS(distanceM)) })}
                  {note !== "" && (
                    <>
                      {" · "}
                      <bdi>{note}</bdi>
                    </>
                  )}
                </small>
              </li>
            ))}
          </ol>
          <p class="hint">{words.say("shelters_text")}</p>
        </>
      )}
    </section>
  );
}
