// The map with what lies on it: the drawing of an area, the veil where the picture is old or past, the legend.

import type { RefObject } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { boxAround, type Ring } from "../../shared/model/outlines";
import { useDesk } from "../desk";
import type { Chart } from "../map/chart";
import type { Draw } from "../map/draw";
import { peopleIn, zonesIn } from "../map/geometry";
import { Legend } from "./legend";
import type { Mode } from "./top";

/** The map's code comes after the page: the lists are there at once, and work without it. */
function useChart(element: RefObject<HTMLDivElement | null>): [Chart | null, boolean] {
  const desk = useDesk();
  const now = useRef(desk);
  now.current = desk;
  const [chart, setChart] = useState<Chart | null>(null);
  const [failed, setFailed] = useState(false);
  // It opens where the zones are, so it waits for them.
  const due = desk.view.outlines !== "loading";
  useEffect(() => {
    if (!due) return;
    let made: Chart | null = null;
    let wanted = true;
    import("../map")
      .then(({ Chart: Made }) => {
        if (!wanted || element.current === null) return;
        made = new Made(element.current, now.current.voice.say("map"), boxAround(now.current.view.zones.values()), {
          zone: (id) => {
            const { zones, chooseZones, open } = now.current;
            const next = new Set(zones);
            if (!next.delete(id)) next.add(id);
            chooseZones(next);
            open("zones");
          },
          track: (id) => {
            now.current.chooseTrack(id);
            now.current.open("sky");
          },
          sensor: (id) => {
            now.current.chooseSensor(id);
            now.current.open("sensors");
          },
        });
        setChart(made);
      })
      .catch((error) => {
        console.warn("tocsin: the map could not be loaded", error);
        setFailed(true);
      });
    return () => {
      wanted = false;
      made?.stop();
    };
  }, [element, due]);
  return [chart, failed];
}

/** Draws while the desk says so; hands the zones of the area to an act. */
function useDrawing(chart: Chart | null): { ring: Ring | null; drawn: RefObject<Draw | null> } {
  const desk = useDesk();
  const now = useRef(desk);
  now.current = desk;
  const drawn = useRef<Draw | null>(null);
  const [ring, setRing] = useState<Ring | null>(null);
  useEffect(() => {
    if (chart === null || !desk.drawing) return;
    let wanted = true;
    void import("../map").then(({ Draw: Made }) => {
      if (!wanted) return;
      drawn.current = new Made(chart, {
        shape: setRing,
        ended: () => now.current.draw(false),
        done: (area) => {
          const zones = zonesIn(now.current.view.zones, area).map(({ id }) => id);
          now.current.chooseZones(zones);
          if (zones.length > 0) now.current.ask({ do: "raise", zones });
          else now.current.tell(now.current.voice.say("area_empty"));
        },
      });
    });
    const keys = (event: KeyboardEvent) => {
      // The buttons that say what to do with the area work as buttons do.
      if (event.key === "Enter" && event.target instanceof Element && event.target.closest(".draw-help") !== null) return;
      if (drawn.current?.key(event.key)) {
        event.preventDefault();
        event.stopPropagation();
      }
    };
    addEventListener("keydown", keys, true);
    return () => {
      wanted = false;
      removeEventListener("keydown", keys, true);
      drawn.current?.end();
      drawn.current = null;
      setRing(null);
    };
  }, [chart, desk.drawing]);
  return { ring, drawn };
}

export function Stage({ mode, whole }: { mode: Mode; whole: RefObject<() => void> }) {
  const desk = useDesk();
  const { view, shown, voice, zones, track, lacking, drill, drawing } = desk;
  const { say, words } = voice;
  const element = useRef<HTMLDivElement>(null);
  const [chart, failed] = useChart(element);
  const { ring, drawn } = useDrawing(chart);
  whole.current = () => chart?.whole();
  useEffect(() => {
    chart?.show({ zones: view.zones, picture: shown, language: words.language, chosenZones: zones, chosenTrack: track, lacking });
  }, [chart, view.zones, shown, words.language, zones, track, lacking]);
  useEffect(() => chart?.recolour(), [chart, drill, mode]);
  useEffect(() => {
    const found = shown?.tracks.find(({ id }) => id === track);
    if (found !== undefined) chart?.goTo([found.lon, found.lat]);
    // Only when another one is chosen: the map does not run after it.
  }, [chart, track]);
  useEffect(() => {
    const found = shown?.sensors.find(({ id }) => id === desk.sensor);
    if (found !== undefined) chart?.goTo([found.lon, found.lat]);
  }, [chart, desk.sensor]);
  const within = ring === null ? [] : zonesIn(view.zones, ring);
  const count = { count: words.number(within.length), people: words.number(peopleIn(within.map(({ id }) => id), view.zones)) };
  return (
    <div class="stage">
      <div ref={element} class="chart" dir="ltr" />
      {failed && <p class="map-failed">{say("map_failed")}</p>}
      {mode !== "live" && mode !== "doubtful" && (
        <p class="veil" aria-hidden="true">
          {say(`veil_${mode}`)}
        </p>
      )}
      {drill && <div class="drill-pattern" aria-hidden="true" />}
      {drawing && (
        <div class="draw-help">
          <p role="status">
            <strong>{ring === null ? say("draw_more") : say("zones_of", count)}</strong>
          </p>
          <p>{say("draw_how")}</p>
          <p class="buttons">
            <button type="button" class="main" disabled={ring === null} onClick={() => drawn.current?.take()}>
              {say("draw_take")}
            </button>
            <button type="button" onClick={() => desk.draw(false)}>
              {say("do_nothing")}
            </button>
          </p>
        </div>
      )}
      <Legend />
    </div>
  );
}
