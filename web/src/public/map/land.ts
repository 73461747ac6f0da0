// Land and borders under the zones.

import { type Line, lineOfSteps, pathOf } from "./mercator";
import type { Palette } from "./paint";
import type { Frame } from "./sight";

interface Tile {
  readonly land: readonly Line[];
  readonly borders: readonly Line[];
}

export class Land {
  private readonly tiles: Tile[] = [];

  /** A file of the backdrop, as it came. */
  add(file: ArrayBuffer): void {
    const { land, borders } = JSON.parse(new TextDecoder().decode(file)) as Record<"land" | "borders", number[][]>;
    this.tiles.push({ land: land.map(lineOfSteps), borders: borders.map(lineOfSteps) });
  }

  paint({ ink, sight: { ratio }, zoom, moved }: Frame, palette: Palette): void {
    ink.fillStyle = ink.strokeStyle = palette.land;
    // Outlined in its own colour: without it the seams between tiles shine through.
    ink.lineWidth = ratio;
    for (const tile of this.tiles) {
      const path = moved(pathOf(tile.land, zoom));
      ink.fill(path, "evenodd");
      ink.stroke(path);
    }
    ink.strokeStyle = palette.border;
    ink.lineWidth = 1.4 * ratio;
    ink.setLineDash([5 * ratio, 4 * ratio]);
    for (const tile of this.tiles) ink.stroke(moved(pathOf(tile.borders, zoom)));
    ink.setLineDash([]);
  }
}
