// My places: the one that is looked at in full, the others in a line each, and the question where there is none yet.

import { useState } from "preact/hooks";
import { useWords } from "../context";
import { type ChangePlaces, type Mine, saidOf } from "../hooks";
import type { View } from "../../shared/model/live";
import { nameOf } from "../../shared/model/outlines";
import { added, isGone, PLACES_MAX, placeOf } from "../../shared/model/places";
import { LOUD, type Quiet } from "../../shared/model/quiet";
import { tellSafe } from "../../shared/model/shell";
import { Finder } from "./finder";
import { Badge, Clock } from "./parts";
import { Answer } from "./place";

interface Props {
  view: View;
  mine: readonly Mine[];
  shown: string | null;
  show: (place: string | null) => void;
  change: ChangePlaces;
  /** Whether this device keeps them. */
  kept: boolean;
  quiet: Quiet;
  setQuiet: (quiet: Quiet) => void;
  wantOutlines: () => void;
  silence: () => void;
}

export function Places({ view, mine, shown, show, change, kept, quiet, setQuiet, wantOutlines, silence }: Props) {
  const words = useWords();
  const [adding, setAdding] = useState(false);
  const main = mine.find(({ place }) => place.id === shown) ?? mine[0];
  const choose = (id: string, at?: readonly [number, number]) => {
    change((places) => added(places, placeOf(id, view.zones, view.cities, at ?? null)));
    show(id);
    setAdding(false);
  };
  const gone = main !== undefined && isGone(main.place, view.zones, view.cities) && !view.picture?.zones.has(main.place.id);
  if (main === undefined || gone || adding) {
    return (
      <section class="card ask" aria-labelledby="ask">
        <h2 id="ask">{words.say(mine.length > 0 && !gone ? "add_place" : "ask")}</h2>
        {gone && <p class="problem">{words.say("gone")}</p>}
        <Finder view={view} choose={choose} wantOutlines={wantOutlines} />
        {mine.length > 0 && (
          <button
            type="button"
            class="quiet"
            onClick={() => (gone ? change((places) => places.filter((one) => one !== main.place)) : setAdding(false))}
          >
            {words.say(gone ? "remove_place" : "close")}
          </button>
        )}
      </section>
    );
  }
  const { place, standing } = main;
  const safe = () => {
    silence();
    tellSafe(place.zones).catch((error) => console.warn("tocsin: notifications stay", error));
    const ids = [...new Set([...quiet.safeZones, ...place.zones])];
    setQuiet({ ...LOUD, ...quiet, safe: { ...quiet.safe, [place.id]: { ...saidOf(standing), atMs: Date.now() } }, safeZones: ids });
  };
  const edit = (insideS: number | null) =>
    change((places) => places.map((one) => (one.id === place.id ? { ...one, insideS } : one)));
  return (
    <>
      <Answer
        key={place.id}
        view={view}
        mine={main}
        quiet={quiet}
        safe={safe}
        need={edit}
        remove={() => change((places) => places.filter(({ id }) => id !== place.id))}
      />
      {!kept && (
        <p class="card problem" role="status">
          {words.say("not_kept")}
        </p>
      )}
      {mine.length > 1 && (
        <ul class="others" aria-label={words.say("my_places")}>
          {mine
            .filter((one) => one !== main)
            .map((one) => (
              <Other key={one.place.id} view={view} mine={one} show={() => show(one.place.id)} />
            ))}
        </ul>
      )}
      {mine.length < PLACES_MAX && (
        <button type="button" class="add" onClick={() => setAdding(true)}>
          + {words.say("add_place")}
        </button>
      )}
    </>
  );
}

function Other({ view, mine: { place, standing }, show }: { view: View; mine: Mine; show: () => void }) {
  const words = useWords();
  const { word, state } = standing;
  const name = nameOf({ names: place.names }, place.id, words.language);
  return (
    <li>
      <button type="button" class={`card other on-${word}`} data-word={word} onClick={show}>
        <span class="row-name">
          <bdi lang={name.lang}>{name.text}</bdi>
          <small>
            {view.ageMs === null ? words.say("age_none") : words.say("age", { time: words.duration(view.ageMs / 1000) })}
          </small>
        </span>
        {state !== null && word !== "unknown" && <Clock state={state} nowMs={view.nowMs} />}
        <Badge word={word} />
      </button>
    </li>
  );
}
