// The map: zones from our own outlines over our own backdrop, drawn on canvas. A tap on a zone selects it.

import L from "leaflet";
import "leaflet/dist/leaflet.css";
import type { Words } from "../../shared/i18n";
import type { View } from "../../shared/model/live";
import { type Box, boxAround, type Cities, nameOf, type Zone, type Zones, zonesAt } from "../../shared/model/outlines";
import { isBlind, type Word, wordsOf } from "../../shared/model/trust";
import { byUrgency, countdown } from "../../shared/model/urgency";
import { Backdrop } from "./backdrop";
import { Ground, type Mark } from "./ground";
import { type Label, Labels } from "./labels";
import { type Look, type Palette, readPalette } from "./paint";

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
  private readonly backdrop: Backdrop;
  private readonly ground: Ground;
  private readonly labels: Labels;
  private readonly dark = matchMedia("(prefers-color-scheme: dark)");
  private readonly still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  private readonly watcher: ResizeObserver;
  private palette: Palette = readPalette();
  private zones: Zones = new Map();
  private cities: Cities = new Map();
  private largest: readonly Zone[] = [];
  private looks: ReadonlyMap<string, Look> = new Map();
  private scene: Scene | null = null;
  private readonly names = new Map<Zone, string>();
  private namesIn = "";

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
    this.backdrop = new Backdrop(this.palette).addTo(this.map);
    this.ground = new Ground(this.palette).addTo(this.map);
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

  async setZones(zones: Zones, cities: Cities): Promise<void> {
    this.zones = zones;
    this.cities = cities;
    this.names.clear();
    this.largest = [...cities.values(), ...zones.values()].sort((a, b) => b.population - a.population).slice(0, QUIET_NAMES_MAX);
    // First where to look: what is drawn of a zone there is made with it, bit by bit.
    if (this.scene?.place != null) this.lookAt(this.scene.place, true);
    else this.lookAtAll();
    if (!(await this.ground.setZones(zones))) return;
    if (this.scene !== null) this.show(this.scene, true);
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

  /** Paints what changed since the last scene; all of it where the zones or the colours did. */
  show(scene: Scene, anew = false): void {
    const before = this.scene;
    this.scene = scene;
    const { picture, trust } = scene.view;
    const blind = isBlind(trust);
    const same =
      !anew &&
      before !== null &&
      before.view.picture?.zones === picture?.zones &&
      before.view.picture?.degraded === picture?.degraded &&
      isBlind(before.view.trust) === blind &&
      before.place === scene.place &&
      before.selected === scene.selected &&
      before.words === scene.words;
    const counting = [...this.looks.values()].some((look) => look === "take_cover" || look === "prepare");
    if (same && !counting) return;
    if (!same) this.paint(scene, blind);
    this.labels.set(this.labelsFor(scene), this.wordings(scene.words), this.palette);
  }

  private paint({ view, place, selected }: Scene, blind: boolean): void {
    const wordOf = wordsOf(view.picture, view.trust, view.nowMs);
    const parts = new Set(this.cities.get(place ?? "")?.parts);
    const looks = new Map<string, Look>();
    this.ground.setLooks((id) => {
      const state = view.picture?.zones.get(id);
      const look = lookOf(wordOf(state), state !== undefined, blind);
      looks.set(id, look);
      const mark: Mark = id === place ? "mine" : parts.has(id) ? "part" : id === selected ? "selected" : "";
      return { look, mark };
    });
    this.looks = looks;
  }

  private wordings(words: Words): Partial<Record<Look, string>> {
    return { take_cover: `▼ ${words.say("level_take_cover")}`, prepare: `▲ ${words.say("level_prepare")}` };
  }

  private labelsFor({ view, place, words }: Scene): Label[] {
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
        name: this.nameIn(zone, words.language),
        clock: left?.kind === "in" ? words.clock(left.seconds) : "",
        look: this.looks.get(zone.id) ?? "none",
        mine: zone === mine,
      });
    }
    return labels;
  }

  /** Looked up anew only in another language: hundreds are asked for every second. */
  private nameIn(zone: Zone, language: string): string {
    if (language !== this.namesIn) this.names.clear();
    this.namesIn = language;
    let name = this.names.get(zone);
    if (name === undefined) this.names.set(zone, (name = nameOf(zone, zone.id, language).text));
    return name;
  }

  private readonly recolour = (): void => {
    this.palette = readPalette();
    this.ground.setPalette(this.palette);
    this.backdrop.setPalette(this.palette);
    if (this.scene !== null) this.show(this.scene, true);
  };
}
