// The map: zones from our own outlines over our own backdrop, drawn on canvas. A tap on a zone selects it.

import L from "leaflet";
import "leaflet/dist/leaflet.css";
import type { Words } from "../../shared/i18n";
import type { View } from "../../shared/model/live";
import { type Box, boxAround, type Cities, nameOf, type Zone, type Zones, zonesAt } from "../../shared/model/outlines";
import { isBlind, type Word, wordsOf } from "../../shared/model/trust";
import { byUrgency, countdown } from "../../shared/model/urgency";
import { Backdrop } from "./backdrop";
import { type Label, Labels } from "./labels";
import { type Look, type Palette, PatternCanvas, readPalette, type ZonePathOptions } from "./paint";

// How many towns without a warning get a chance to show their name; more cannot fit on a screen.
const QUIET_NAMES_MAX = 400;
// So near that a town fills the map: nothing of ours is finer.
const ZOOM_MAX = 14;
// About 180 km from side to side on a desk, 80 on a phone: what can reach my place within minutes is in sight.
const ZOOM_PLACE = 9;

export interface Scene {
  readonly view: View;
  readonly place: string | null;
  readonly selected: string | null;
  readonly words: Words;
}

function bounds([west, south, east, north]: Box): L.LatLngBoundsExpression {
  return [
    [south, west],
    [north, east],
  ];
}

function middle({ box }: Zone): L.LatLngTuple {
  return [(box[1] + box[3]) / 2, (box[0] + box[2]) / 2];
}

/** How a zone is painted. A picture of which nothing is to be believed is marked as old as a whole. */
function lookOf(word: Word, known: boolean, blind: boolean): Look {
  if (word !== "unknown" || !known) return word;
  return blind ? "none" : "degraded";
}

export class ZoneMap {
  private readonly map: L.Map;
  private readonly renderer: PatternCanvas;
  private readonly backdrop: Backdrop;
  private readonly labels: Labels;
  private readonly paths = new Map<string, L.Polygon>();
  private readonly styles = new Map<string, string>();
  private readonly dark = matchMedia("(prefers-color-scheme: dark)");
  private readonly still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  private readonly watcher: ResizeObserver;
  private palette: Palette = readPalette();
  private zones: Zones = new Map();
  private cities: Cities = new Map();
  private largest: readonly Zone[] = [];
  private scene: Scene | null = null;

  constructor(frame: HTMLElement, select: (zone: string | null) => void) {
    this.map = L.map(frame, {
      attributionControl: false,
      maxZoom: ZOOM_MAX,
      zoomSnap: 0.25,
      worldCopyJump: false,
      zoomAnimation: !this.still,
      fadeAnimation: !this.still,
      inertia: !this.still,
    }).setView([30, 20], 3);
    L.control.scale({ imperial: false }).addTo(this.map);
    this.backdrop = new Backdrop(this.map, this.palette);
    this.renderer = new PatternCanvas(this.palette, { padding: 0.3 });
    const pane = this.map.createPane("labels");
    pane.style.zIndex = "450";
    pane.style.pointerEvents = "none";
    this.labels = new Labels(this.palette).addTo(this.map);
    this.map.on("click", ({ latlng }) => select(zonesAt(this.zones, latlng.lng, latlng.lat)[0]?.id ?? null));
    this.dark.addEventListener("change", this.recolour);
    this.watcher = new ResizeObserver(() => this.map.invalidateSize());
    this.watcher.observe(frame);
  }

  remove(): void {
    this.dark.removeEventListener("change", this.recolour);
    this.watcher.disconnect();
    this.map.remove();
  }

  setZones(zones: Zones, cities: Cities): void {
    for (const path of this.paths.values()) path.remove();
    this.paths.clear();
    this.styles.clear();
    this.zones = zones;
    this.cities = cities;
    this.largest = [...cities.values(), ...zones.values()].sort((a, b) => b.population - a.population).slice(0, QUIET_NAMES_MAX);
    for (const zone of zones.values()) {
      const corners = zone.polygons.map((rings) =>
        rings.map((ring) => ring.map(([lon, lat]): L.LatLngTuple => [lat, lon])),
      );
      const options: ZonePathOptions = { renderer: this.renderer, interactive: false, smoothFactor: 1.2, fill: false };
      this.paths.set(zone.id, L.polygon(corners, options).addTo(this.map));
    }
    this.lookAtAll();
    if (this.scene !== null) this.show(this.scene);
  }

  lookAtAll(): void {
    const around = boxAround(this.zones.values());
    if (around !== null) this.map.fitBounds(bounds(around), { animate: false, padding: [12, 12] });
  }

  /** Brings a zone or a city into sight; `near` shows its surroundings whatever was in sight before. */
  lookAt(id: string, near: boolean): void {
    const zone = this.zones.get(id) ?? this.cities.get(id);
    if (zone === undefined || (!near && this.map.getBounds().pad(-0.1).contains(middle(zone)))) return;
    this.map.setView(middle(zone), Math.max(near ? 0 : this.map.getZoom(), ZOOM_PLACE), { animate: !this.still });
  }

  /** Paints what changed since the last scene. */
  show(scene: Scene): void {
    this.scene = scene;
    const { picture, trust } = scene.view;
    const blind = isBlind(trust);
    const wordOf = wordsOf(picture, trust);
    const looks = new Map<string, Look>();
    const front: L.Polygon[] = [];
    const parts = new Set(this.cities.get(scene.place ?? "")?.parts);
    for (const [id, path] of this.paths) {
      const state = picture?.zones.get(id);
      const look = lookOf(wordOf(state), state !== undefined, blind);
      looks.set(id, look);
      const mark = id === scene.place ? "mine" : parts.has(id) ? "part" : id === scene.selected ? "selected" : "";
      const key = `${look}/${mark}`;
      if (this.styles.get(id) === key) continue;
      this.styles.set(id, key);
      path.setStyle(this.style(look, mark));
      if (look === "take_cover" || look === "prepare" || mark !== "") front.push(path);
    }
    for (const path of front) path.bringToFront();
    this.labels.set(this.labelsFor(scene, looks), this.wordings(scene.words), this.palette);
  }

  private style(look: Look, mark: string): ZonePathOptions {
    const { palette } = this;
    const quiet = look === "none" || look === "unknown" || look === "degraded";
    return {
      look,
      fillOpacity: look === "take_cover" ? 0.82 : 1,
      color: mark !== "" ? palette.ink : quiet ? palette.line : palette.looks[look],
      weight: mark === "part" ? 1.5 : mark !== "" ? 3 : quiet ? 0.7 : 1.4,
      opacity: 1,
    };
  }

  private wordings(words: Words): Partial<Record<Look, string>> {
    return { take_cover: `▼ ${words.say("level_take_cover")}`, prepare: `▲ ${words.say("level_prepare")}` };
  }

  private labelsFor({ view, place, words }: Scene, looks: ReadonlyMap<string, Look>): Label[] {
    const states = [...(view.picture?.zones.values() ?? [])];
    const warned = states.filter(({ level }) => level === "take_cover" || level === "prepare").sort(byUrgency);
    const mine = place === null ? undefined : (this.zones.get(place) ?? this.cities.get(place));
    const zones = new Set<Zone | undefined>([mine, ...warned.map(({ zone }) => this.zones.get(zone)), ...this.largest]);
    const labels: Label[] = [];
    for (const zone of zones) {
      if (zone === undefined) continue;
      const state = view.picture?.zones.get(zone.id);
      const left = state === undefined ? null : countdown(state, view.nowMs);
      labels.push({
        at: middle(zone),
        box: zone.box,
        name: nameOf(zone, zone.id, words.language).text,
        clock: left?.kind === "in" ? words.clock(left.seconds) : left?.kind === "now" ? words.say("now") : "",
        look: looks.get(zone.id) ?? "none",
        mine: zone === mine,
      });
    }
    return labels;
  }

  private readonly recolour = (): void => {
    this.palette = readPalette();
    this.renderer.setPalette(this.palette);
    this.backdrop.setPalette(this.palette);
    this.styles.clear();
    if (this.scene !== null) this.show(this.scene);
  };
}
