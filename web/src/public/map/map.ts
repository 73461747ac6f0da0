// The map: zones from our own outlines over our own backdrop, painted in sheets. A tap on a zone selects it.

import L from "leaflet";
import "leaflet/dist/leaflet.css";
import type { Words } from "../../shared/i18n";
import type { View } from "../../shared/model/live";
import type { ZoneState } from "../../shared/model/messages";
import { type Box, boxAround, type Cities, nameOf, type Zone, type Zones, zonesAt } from "../../shared/model/outlines";
import { isBlind, type Word, wordsOf } from "../../shared/model/trust";
import { underWarning } from "../../shared/model/urgency";
import { addBackdrop } from "./backdrop";
import { linesOf, onMap } from "./mercator";
import type { Label, Labels } from "./names";
import { type Look, readPalette } from "./paint";
import { Painter } from "./painter";
import { Sheet } from "./sheet";
import type { Looked, Mark, Outline } from "./zones";

// How many towns without a warning get a chance to show their name; more cannot fit on a screen.
const QUIET_NAMES_MAX = 400;
// So near that a town fills the map: nothing of ours is finer.
const ZOOM_MAX = 14;
// About 180 km from side to side on a desk, 80 on a phone: what can reach my place within minutes is in sight.
const ZOOM_PLACE = 9;
// So many outlines are taken in a slice that a slow phone answers a tap meanwhile.
const AT_ONCE = 100;

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

const isWarned = (look: Look): boolean => look === "take_cover" || look === "prepare";

/** How a zone is painted. A picture of which nothing is to be believed is marked as old as a whole. */
function lookOf(word: Word, known: boolean, blind: boolean): Look {
  if (word !== "unknown" || !known) return word;
  return blind ? "none" : "degraded";
}

export class ZoneMap {
  private readonly map: L.Map;
  private readonly painter = new Painter();
  private readonly land: Sheet;
  private readonly ground: Sheet;
  private readonly labels: Sheet;
  private readonly dark = matchMedia("(prefers-color-scheme: dark)");
  private readonly still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  private readonly watcher: ResizeObserver;
  private zones: Zones = new Map();
  private cities: Cities = new Map();
  private largest: readonly Zone[] = [];
  private readonly looks = new Map<string, Looked>();
  private scene: Scene | null = null;
  private turn = 0;
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
    this.painter.tell({ palette: readPalette() });
    this.land = addBackdrop(this.map, this.painter);
    this.ground = new Sheet(this.painter, "zones", { pane: "overlayPane", padding: 0.2 }).addTo(this.map);
    const pane = this.map.createPane("labels");
    pane.style.zIndex = "450";
    pane.style.pointerEvents = "none";
    this.labels = new Sheet(this.painter, "names", { pane: "labels", padding: 0, letters: true }).addTo(this.map);
    this.map.on("click", ({ latlng }) => select(zonesAt(this.zones, latlng.lng, latlng.lat)[0]?.id ?? null));
    this.dark.addEventListener("change", this.recolour);
    this.watcher = new ResizeObserver(() => this.map.invalidateSize());
    this.watcher.observe(frame);
  }

  remove(): void {
    this.dark.removeEventListener("change", this.recolour);
    this.watcher.disconnect();
    this.map.remove();
    this.painter.end();
  }

  async setZones(zones: Zones, cities: Cities): Promise<void> {
    this.zones = zones;
    this.cities = cities;
    this.names.clear();
    this.largest = [...cities.values(), ...zones.values()].sort((a, b) => b.population - a.population).slice(0, QUIET_NAMES_MAX);
    // First where to look: what is drawn of a zone there is made with it, bit by bit.
    if (this.scene?.place != null) this.lookAt(this.scene.place, true);
    else this.lookAtAll();
    const outlines = await this.outlinesOf(zones);
    if (outlines === null) return;
    this.painter.tell({ outlines });
    this.looks.clear();
    this.ground.redraw();
    if (this.scene !== null) this.show(this.scene, true);
  }

  /** As the painter wants them, made bit by bit; null where newer zones came meanwhile. */
  private async outlinesOf(zones: Zones): Promise<Outline[] | null> {
    const turn = ++this.turn;
    const outlines: Outline[] = [];
    for (const { id, polygons, box } of zones.values()) {
      outlines.push({ id, lines: linesOf(polygons), box: onMap(box) });
      if (outlines.length % AT_ONCE === 0) await new Promise((done) => setTimeout(done));
      if (turn !== this.turn) return null;
    }
    return outlines;
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
    if (!same) {
      this.paint(scene, blind);
      this.painter.tell({ labels: this.labelsOf(scene) });
    }
    this.painter.tell({ nowMs: scene.view.nowMs });
    if (!same || [...this.looks.values()].some(({ look }) => isWarned(look))) this.labels.redraw();
  }

  private paint({ view, place, selected }: Scene, blind: boolean): void {
    const wordOf = wordsOf(view.picture, view.trust, view.nowMs);
    const parts = new Set(this.cities.get(place ?? "")?.parts);
    const changed: Looked[] = [];
    for (const id of this.zones.keys()) {
      const state = view.picture?.zones.get(id);
      const look = lookOf(wordOf(state), state !== undefined, blind);
      const mark: Mark = id === place ? "mine" : parts.has(id) ? "part" : id === selected ? "selected" : "";
      const before = this.looks.get(id);
      if (before?.look !== look || before.mark !== mark) changed.push({ id, look, mark });
    }
    if (changed.length === 0) return;
    for (const looked of changed) this.looks.set(looked.id, looked);
    this.painter.tell({ looks: changed });
    this.ground.redraw();
  }

  private labelsOf({ view: { picture }, place, words }: Scene): Labels {
    const states = picture?.zones ?? new Map<string, ZoneState>();
    const mine = place === null ? undefined : (this.zones.get(place) ?? this.cities.get(place));
    const warned = underWarning(states.values()).map(({ zone }) => this.zones.get(zone));
    const labels: Label[] = [];
    for (const zone of new Set([mine, ...warned, ...this.largest])) {
      if (zone === undefined) continue;
      const state = states.get(zone.id);
      labels.push({
        at: [(zone.box[0] + zone.box[2]) / 2, (zone.box[1] + zone.box[3]) / 2],
        box: zone.box,
        name: this.nameIn(zone, words.language),
        state: state === undefined ? null : { level: state.level, etaEarliestMs: state.etaEarliestMs },
        look: this.looks.get(zone.id)?.look ?? "none",
        mine: zone === mine,
      });
    }
    const wordings = { take_cover: `▼ ${words.say("level_take_cover")}`, prepare: `▲ ${words.say("level_prepare")}` };
    return { labels, wordings, language: words.language };
  }

  /** Looked up anew only in another language: hundreds are asked for whenever a zone changes. */
  private nameIn(zone: Zone, language: string): string {
    if (language !== this.namesIn) this.names.clear();
    this.namesIn = language;
    let name = this.names.get(zone);
    if (name === undefined) this.names.set(zone, (name = nameOf(zone, zone.id, language).text));
    return name;
  }

  private readonly recolour = (): void => {
    this.painter.tell({ palette: readPalette() });
    for (const sheet of [this.land, this.ground, this.labels]) sheet.redraw();
  };
}
