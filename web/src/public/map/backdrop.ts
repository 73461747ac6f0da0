// Land and borders under the zones, fetched tile by tile from our own service. The map is complete without them.

import { STEPS_PER_DEG, TILE_DEG, TILES } from "virtual:backdrop";
import L from "leaflet";
import type { Palette } from "./paint";

// A view over more than this many tiles is the whole world; the zones are then too small to be looked for.
const TILES_AT_ONCE_MAX = 20;

interface Tile {
  readonly land: readonly number[][];
  readonly borders: readonly number[][];
}

/** Corners in degrees from first corner and steps. */
export function corners(line: readonly number[]): L.LatLngTuple[] {
  const points: L.LatLngTuple[] = [];
  let [x, y] = [0, 0];
  for (let i = 0; i + 1 < line.length; i += 2) {
    x += line[i] as number;
    y += line[i + 1] as number;
    points.push([y / STEPS_PER_DEG, x / STEPS_PER_DEG]);
  }
  return points;
}

export class Backdrop {
  private readonly asked = new Set<string>();
  private readonly land: L.Polygon[] = [];
  private readonly borders: L.Polyline[] = [];
  private readonly renderer: L.Canvas;

  constructor(
    private readonly map: L.Map,
    private palette: Palette,
  ) {
    map.createPane("backdrop").style.zIndex = "200";
    this.renderer = L.canvas({ pane: "backdrop", padding: 0.3 });
    map.on("moveend", () => this.fill());
  }

  setPalette(palette: Palette): void {
    this.palette = palette;
    for (const shape of this.land) shape.setStyle({ color: palette.land, fillColor: palette.land });
    for (const line of this.borders) line.setStyle({ color: palette.border });
  }

  private wanted(): string[] {
    const bounds = this.map.getBounds();
    const first = (deg: number) => Math.floor(deg / TILE_DEG) * TILE_DEG;
    const names: string[] = [];
    for (let west = first(bounds.getWest()); west <= bounds.getEast(); west += TILE_DEG) {
      for (let south = first(bounds.getSouth()); south <= bounds.getNorth(); south += TILE_DEG) {
        names.push(`${west}_${south}`);
      }
    }
    return names.filter((name) => TILES.has(name));
  }

  private fill(): void {
    const names = this.wanted();
    if (names.length > TILES_AT_ONCE_MAX) return;
    for (const name of names.filter((tile) => !this.asked.has(tile))) {
      this.asked.add(name);
      this.fetch(name).catch(() => this.asked.delete(name));
    }
  }

  private async fetch(name: string): Promise<void> {
    const response = await fetch(`/assets/land/${name}.json`);
    if (!response.ok) throw new Error(`${name} was answered with ${response.status}`);
    const tile = (await response.json()) as Tile;
    const common = { renderer: this.renderer, interactive: false, smoothFactor: 1 };
    const { land, border } = this.palette;
    // Outlined in its own colour: without it the seams between tiles shine through.
    const shape = L.polygon(tile.land.map(corners), {
      ...common,
      color: land,
      weight: 1,
      fillColor: land,
      fillOpacity: 1,
    });
    const lines = L.polyline(tile.borders.map(corners), { ...common, color: border, weight: 1.4, dashArray: "5 4" });
    this.land.push(shape.addTo(this.map));
    this.borders.push(lines.addTo(this.map));
    for (const line of this.borders) line.bringToFront();
  }
}
