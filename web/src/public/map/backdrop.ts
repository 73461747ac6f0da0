// Land and borders under the zones, fetched tile by tile from our own service. The map is complete without them.

import { TILE_DEG, TILES } from "virtual:backdrop";
import type L from "leaflet";
import { type Line, lineOfSteps, pathOf } from "./mercator";
import type { Palette } from "./paint";
import { Painted, type Sight } from "./painted";

// A view over more than this many tiles is the whole world; the zones are then too small to be looked for.
const TILES_AT_ONCE_MAX = 20;

interface Tile {
  readonly land: readonly number[][];
  readonly borders: readonly number[][];
}

interface Land {
  readonly land: readonly Line[];
  readonly borders: readonly Line[];
}

export class Backdrop extends Painted {
  private readonly known = new Set<string>();
  private readonly tiles: Land[] = [];
  private coming = 0;

  constructor(private palette: Palette) {
    super({ pane: "backdrop", padding: 0.2 });
  }

  override onAdd(map: L.Map): this {
    map.createPane("backdrop").style.zIndex = "200";
    map.on("moveend", () => this.fill(map));
    return super.onAdd(map) as this;
  }

  setPalette(palette: Palette): void {
    this.palette = palette;
    this.redraw();
  }

  protected paint({ ink, ratio, zoom, moved }: Sight): void {
    ink.fillStyle = ink.strokeStyle = this.palette.land;
    // Outlined in its own colour: without it the seams between tiles shine through.
    ink.lineWidth = ratio;
    for (const tile of this.tiles) {
      const path = moved(pathOf(tile.land, zoom));
      ink.fill(path, "evenodd");
      ink.stroke(path);
    }
    ink.strokeStyle = this.palette.border;
    ink.lineWidth = 1.4 * ratio;
    ink.setLineDash([5 * ratio, 4 * ratio]);
    for (const tile of this.tiles) ink.stroke(moved(pathOf(tile.borders, zoom)));
    ink.setLineDash([]);
  }

  private wanted(map: L.Map): string[] {
    const bounds = map.getBounds();
    const first = (deg: number) => Math.floor(deg / TILE_DEG) * TILE_DEG;
    const names: string[] = [];
    for (let west = first(bounds.getWest()); west <= bounds.getEast(); west += TILE_DEG) {
      for (let south = first(bounds.getSouth()); south <= bounds.getNorth(); south += TILE_DEG) {
        names.push(`${west}_${south}`);
      }
    }
    return names.filter((name) => TILES.has(name));
  }

  private fill(map: L.Map): void {
    const names = this.wanted(map);
    if (names.length > TILES_AT_ONCE_MAX) return;
    for (const name of names.filter((tile) => !this.known.has(tile))) {
      this.known.add(name);
      this.coming += 1;
      this.fetch(name)
        .catch(() => this.known.delete(name))
        // Drawn once, when the last has come.
        .finally(() => --this.coming === 0 && this.redraw());
    }
  }

  private async fetch(name: string): Promise<void> {
    const response = await fetch(`/assets/land/${name}.json`);
    if (!response.ok) throw new Error(`${name} was answered with ${response.status}`);
    const { land, borders } = (await response.json()) as Tile;
    this.tiles.push({ land: land.map(lineOfSteps), borders: borders.map(lineOfSteps) });
  }
}
