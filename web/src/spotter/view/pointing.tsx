// A map to point at, by finger, or by a town's name and the keyboard: what is in its middle is taken then.

import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { boxAround, nameOf, type Zones } from "../../shared/model/outlines";
import { foldedNames, search } from "../../shared/model/search";
import { useSpoken } from "../context";
import type { PlaceMap } from "../map/map";
import type { Place } from "../model/report";

interface Props {
  readonly zones: Zones;
  readonly own: Place | null;
  readonly help: string;
  readonly take: string;
  readonly done: (place: Place) => void;
}

export function Pointing({ zones, own, help, take, done }: Props) {
  const { words, say } = useSpoken();
  const frame = useRef<HTMLDivElement>(null);
  const [map, setMap] = useState<PlaceMap | null>(null);
  const [mark, setMark] = useState<Place | null>(null);
  const [text, setText] = useState("");
  const names = useMemo(() => foldedNames(zones.values()), [zones]);
  const found = text.trim() === "" ? [] : search(text, names, 4);
  useEffect(() => {
    let [made, gone]: [PlaceMap | null, boolean] = [null, false];
    import("../map/map").then(
      ({ PlaceMap }) => {
        if (gone || frame.current === null) return;
        made = new PlaceMap(frame.current, setMark);
        setMap(made);
      },
      (error) => console.warn("tocsin: the map could not be loaded", error),
    );
    return () => {
      gone = true;
      made?.remove();
    };
  }, []);
  useEffect(() => {
    map?.setZones(zones);
    if (own !== null) map?.lookAt(own);
    // Where it looks is the finger's to say from then on.
  }, [map, zones, own === null]);
  useEffect(() => map?.show(mark, own), [map, mark, own]);
  return (
    <>
      <div class="search">
        <input
          type="search"
          value={text}
          aria-label={say("town")}
          placeholder={say("town")}
          onInput={({ currentTarget }) => setText(currentTarget.value)}
        />
        {found.map((zone) => (
          <button
            type="button"
            key={zone.id}
            onClick={() => {
              setText("");
              const [west, south, east, north] = boxAround([zone]) ?? [0, 0, 0, 0];
              map?.lookAt({ lat: (south + north) / 2, lon: (west + east) / 2 });
            }}
          >
            <bdi>{nameOf(zone, zone.id, words.language).text}</bdi>
          </button>
        ))}
      </div>
      <div class={mark === null ? "map aiming" : "map"} ref={frame} dir="ltr" role="application" aria-label={help} />
      <p class="hint">{help}</p>
      <div class="actions">
        <button type="button" class="main" disabled={map === null} onClick={() => map !== null && done(mark ?? map.middle())}>
          {take}
        </button>
      </div>
    </>
  );
}
