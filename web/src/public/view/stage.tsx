// The map's frame. The map itself is fetched after the page stands, and the page stands without it.

import { useEffect, useRef, useState } from "preact/hooks";
import { useWords } from "../context";
import type { ZoneMap } from "../map/map";
import { idle } from "../../shared/model/idle";
import type { View } from "../../shared/model/live";
import { POLL_MS } from "../../shared/model/poll";
import { isBlind, wordsOf } from "../../shared/model/trust";
import { Badge, Clock, ThreatName, ZoneName } from "./parts";

interface Props {
  view: View;
  place: string | null;
  selected: string | null;
  select: (zone: string | null) => void;
  choose: (zone: string) => void;
  /** The line is bad: no map before somebody asks for it. */
  thin: boolean;
  wantOutlines: () => void;
}

export function Stage(props: Props) {
  const words = useWords();
  const [wanted, want] = useState(!props.thin);
  if (wanted) return <Map {...props} />;
  return (
    <section class="card thin">
      <p>{words.say("thin", { time: words.duration(POLL_MS / 1_000) })}</p>
      <button
        type="button"
        onClick={() => {
          props.wantOutlines();
          want(true);
        }}
      >
        {words.say("show_map")}
      </button>
    </section>
  );
}

function Map({ view, place, selected, select, choose }: Props) {
  const words = useWords();
  const frame = useRef<HTMLDivElement>(null);
  const latest = useRef(select);
  latest.current = select;
  const [map, setMap] = useState<ZoneMap | null>(null);
  const [failed, setFailed] = useState(false);

  useEffect(() => {
    let made: ZoneMap | null = null;
    let over = false;
    // The answer comes before the map.
    idle(2_000)
      .then(() => import("../map/map"))
      .then(({ ZoneMap }) => {
        if (over || frame.current === null) return;
        made = new ZoneMap(frame.current, (zone) => latest.current(zone));
        setMap(made);
      })
      .catch((error) => {
        console.warn("tocsin: the map could not be loaded", error);
        setFailed(true);
      });
    return () => {
      over = true;
      made?.remove();
    };
  }, []);
  useEffect(() => void map?.setZones(view.zones, view.cities), [map, view.zones, view.cities]);
  useEffect(() => map?.show({ view, place, selected, words }));
  useEffect(() => {
    if (place !== null) map?.lookAt(place, true);
  }, [map, place]);
  useEffect(() => {
    if (selected !== null) map?.lookAt(selected, false);
  }, [map, selected]);

  return (
    <section class={isBlind(view.trust) ? "stage old" : "stage"} aria-label={words.say("map")}>
      <div class="map" ref={frame} dir="ltr" />
      {failed && <p class="map-failed">{words.say("map_failed")}</p>}
      {map !== null && (
        <button type="button" class="whole" onClick={() => map.lookAtAll()}>
          {words.say("whole_area")}
        </button>
      )}
      {isBlind(view.trust) && view.picture !== null && <p class="old-mark">{words.say("old_picture")}</p>}
      {selected !== null && <Selected view={view} zone={selected} place={place} select={select} choose={choose} />}
    </section>
  );
}

type SelectedProps = Pick<Props, "view" | "place" | "select" | "choose"> & { zone: string };

function Selected({ view, zone, place, select, choose }: SelectedProps) {
  const words = useWords();
  const state = view.picture?.zones.get(zone);
  return (
    <div class="selected" role="dialog" aria-label={words.say("map")}>
      <p class="row-name">
        <strong>
          <ZoneName id={zone} zones={view.zones} />
        </strong>
        {state !== undefined && <ThreatName state={state} />}
      </p>
      {state !== undefined && <Clock state={state} nowMs={view.nowMs} />}
      <Badge word={wordsOf(view.picture, view.trust, view.nowMs)(state)} />
      <p class="actions">
        {zone !== place && (
          <button
            type="button"
            onClick={() => {
              choose(zone);
              select(null);
            }}
          >
            {words.say("choose")}
          </button>
        )}
        <button type="button" class="quiet" onClick={() => select(null)}>
          {words.say("close")}
        </button>
      </p>
    </div>
  );
}
