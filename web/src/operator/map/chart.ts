// The map itself, kept in step with what is shown. MapLibre is told only what changed.

import type { Feature } from "geojson";
import { type GeoJSONSource, Map as MapLibre, type MapMouseEvent, setWorkerUrl } from "maplibre-gl";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?url";
import { type Box, boxAround, zonesAt, type Ring, type Zones } from "../../shared/model/outlines";
import type { Picture, Sensor, Track, Zone } from "../model/wire";
import { keepBackdrop } from "./backdrop";
import { blindFeatures, collection, levelFeatures, nameFeatures, sensorFeatures, zoneFeatures } from "./features";
import type { Place } from "./geometry";
import { paletteOf } from "./palette";
import { putSigns } from "./signs";
import { Sky } from "./sky";
import { styleOf } from "./style";

// The worker is a file of our own: nothing is made of a blob, and the page's policy holds.
setWorkerUrl(workerUrl);

const NEAR_PX = 14;
const FRAME_PX = 40;

export interface Shown {
  readonly zones: Zones;
  readonly picture: Picture | null;
  readonly language: string;
  readonly chosenZones: ReadonlySet<string>;
  readonly chosenTrack: string | null;
  /** Of zones, the share of people who could not be in shelter in time; null: it is not asked for. */
  readonly lacking: ReadonlyMap<string, number> | null;
}

export interface Picks {
  zone(id: string): void;
  track(id: string): void;
  sensor(id: string): void;
}

export class Chart {
  readonly map: MapLibre;
  private shown: Shown | null = null;
  private drawn: Partial<{ zones: Zones; tracks: readonly Track[]; sensors: readonly Sensor[]; levels: readonly Zone[]; signs: string; blind: string; language: string; track: string | null }> = {};
  private chosen: ReadonlySet<string> = new Set();
  private levelled = new Map<string, string>();
  private lacking: ReadonlyMap<string, number> | null = null;
  private readonly sky: Sky;
  private ready = false;
  // Nothing was known of where the zones are when the map was made.
  private bare: boolean;
  picking = true;

  constructor(
    private readonly element: HTMLElement,
    label: string,
    box: Box | null,
    private readonly picks: Picks,
  ) {
    const palette = paletteOf(element);
    const ratio = Math.min(devicePixelRatio, 2);
    this.bare = box === null;
    this.map = new MapLibre({
      container: element,
      style: styleOf(palette),
      ...(box === null ? { center: [20, 30], zoom: 2 } : { bounds: [...box], fitBoundsOptions: { padding: FRAME_PX } }),
      attributionControl: false,
      dragRotate: false,
      pitchWithRotate: false,
      touchPitch: false,
      renderWorldCopies: false,
      localIdeographFontFamily: false,
      pixelRatio: ratio,
      locale: { "Map.Title": label },
    });
    this.sky = new Sky(this.map, palette);
    this.map.touchZoomRotate.disableRotation();
    this.map.keyboard.disableRotation();
    this.map.on("load", () => {
      putSigns(this.map, palette);
      keepBackdrop(this.map);
      this.ready = true;
      if (this.shown !== null) this.show(this.shown);
    });
    this.map.on("click", (event) => this.pick(event));
  }

  /** The colours are other ones now: day or night, live or drill. */
  recolour(): void {
    if (!this.ready) return;
    const palette = paletteOf(this.element);
    putSigns(this.map, palette);
    this.sky.setPalette(palette);
    for (const layer of styleOf(palette).layers) {
      for (const [name, value] of Object.entries(layer.paint ?? {})) this.map.setPaintProperty(layer.id, name as "fill-color", value);
    }
  }

  show(shown: Shown): void {
    this.shown = shown;
    if (!this.ready) return;
    const { zones, picture, language, chosenTrack } = shown;
    const { drawn } = this;
    const levels = picture?.zones ?? [];
    if (drawn.zones !== zones) {
      this.put("zones", zoneFeatures(zones));
      if (this.bare) this.whole(false);
      this.bare = zones.size === 0;
    }
    if (drawn.zones !== zones || drawn.language !== language) this.put("names", nameFeatures(zones, language));
    if (drawn.levels !== levels) this.level(levels);
    // Odds change each second; where nothing else does, the map need not be drawn again.
    const signs = levels.map(({ zone, level }) => (level === "none" ? "" : `${zone} ${level} `)).join("");
    if (drawn.zones !== zones || drawn.signs !== signs || drawn.language !== language) this.put("levels", levelFeatures(zones, picture, language));
    const blind = levels.map(({ zone, degraded }) => (degraded ? `${zone} ` : "")).join("");
    if (drawn.zones !== zones || drawn.blind !== blind) this.put("blind", blindFeatures(zones, picture));
    const tracks = picture?.tracks ?? [];
    if (drawn.tracks !== tracks || drawn.track !== chosenTrack) this.sky.show(tracks, chosenTrack);
    const sensors = picture?.sensors ?? [];
    if (drawn.sensors !== sensors) {
      const { points, reach } = sensorFeatures(sensors);
      this.put("sensors", points);
      this.put("reach", reach);
    }
    this.choose(shown.chosenZones);
    this.lack(shown.lacking);
    this.drawn = { zones, tracks, sensors, levels, signs, blind, language, track: chosenTrack };
  }

  draft(ring: Ring | null): void {
    const coordinates = [ring] as unknown as number[][][];
    this.put("draft", ring === null ? [] : [{ type: "Feature", properties: {}, geometry: { type: "Polygon", coordinates } }]);
  }

  /** Shows all zones. */
  whole(animate = true): void {
    const box = boxAround(this.shown?.zones.values() ?? []);
    if (box !== null) this.map.fitBounds([...box] as [number, number, number, number], { padding: FRAME_PX, animate });
  }

  goTo([lon, lat]: Place): void {
    this.map.easeTo({ center: [lon, lat], zoom: Math.max(this.map.getZoom(), 8), duration: 300 });
  }

  private put(source: string, features: Feature[]): void {
    this.map.getSource<GeoJSONSource>(source)?.setData(collection(features));
  }

  private level(levels: readonly Zone[]): void {
    const now = new Map<string, string>();
    for (const { zone, level } of levels) {
      now.set(zone, level);
      if (this.levelled.get(zone) !== level) this.map.setFeatureState({ source: "zones", id: zone }, { level });
    }
    for (const id of this.levelled.keys()) if (!now.has(id)) this.map.setFeatureState({ source: "zones", id }, { level: "none" });
    this.levelled = now;
  }

  private choose(chosen: ReadonlySet<string>): void {
    if (chosen === this.chosen) return;
    for (const id of this.chosen) if (!chosen.has(id)) this.map.setFeatureState({ source: "zones", id }, { chosen: false });
    for (const id of chosen) this.map.setFeatureState({ source: "zones", id }, { chosen: true });
    this.chosen = chosen;
  }

  private lack(lacking: ReadonlyMap<string, number> | null): void {
    if (lacking === this.lacking) return;
    for (const id of this.lacking?.keys() ?? []) if (!lacking?.has(id)) this.map.removeFeatureState({ source: "zones", id }, "lacking");
    for (const [id, share] of lacking ?? []) if (this.lacking?.get(id) !== share) this.map.setFeatureState({ source: "zones", id }, { lacking: share });
    if ((lacking === null) !== (this.lacking === null)) this.map.setLayoutProperty("lacking", "visibility", lacking === null ? "none" : "visible");
    this.lacking = lacking;
  }

  /** The nearest track or sensor under the pointer, else the zone. */
  private pick({ point, lngLat }: MapMouseEvent): void {
    if (!this.picking || this.shown === null) return;
    const track = this.sky.nearest(point, NEAR_PX);
    if (track !== null) return this.picks.track(track);
    const box: [[number, number], [number, number]] = [[point.x - NEAR_PX, point.y - NEAR_PX], [point.x + NEAR_PX, point.y + NEAR_PX]];
    const [sensor] = this.map.queryRenderedFeatures(box, { layers: ["sensors"] });
    if (sensor !== undefined) return this.picks.sensor(String(sensor.properties.id));
    const [zone] = zonesAt(this.shown.zones, lngLat.lng, lngLat.lat);
    if (zone !== undefined) this.picks.zone(zone.id);
  }

  stop(): void {
    this.sky.stop();
    this.map.remove();
  }
}
