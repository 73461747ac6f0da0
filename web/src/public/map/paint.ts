// How zones are painted. Levels differ in pattern and weight as well as colour: in grey, or to eyes that do not tell
// red from green, "take cover" is solid, "prepare" striped, "all clear" dotted and "we may be blind" crossed.

import type { Word } from "../../shared/model/trust";

export type Look = Word | "degraded";

export interface Palette {
  readonly land: string;
  readonly border: string;
  readonly line: string;
  readonly ink: string;
  readonly halo: string;
  readonly looks: Readonly<Record<Look, string>>;
}

/** The colours of the page's style sheet, so that day and night are decided in one place. */
export function readPalette(): Palette {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string) => style.getPropertyValue(`--${name}`).trim();
  const looks = ["take_cover", "prepare", "all_clear", "none", "unknown", "degraded"] as const;
  return {
    land: colour("map-land"),
    border: colour("map-border"),
    line: colour("map-line"),
    ink: colour("ink"),
    halo: colour("map-land"),
    looks: Object.fromEntries(looks.map((look) => [look, colour(`fill-${look}`)])) as Record<Look, string>,
  };
}

// Drawn on the screen's own pixels: on a fine screen the stripes must be as wide.
const TILE_PX = 8 * Math.max(1, Math.round(devicePixelRatio || 1));
const LINE = TILE_PX / 8;

/** A repeating pattern for a look, or null where the fill is plain. */
function patternOf(look: Look, colour: string): HTMLCanvasElement | null {
  if (look === "none" || look === "take_cover") return null;
  const tile = document.createElement("canvas");
  tile.width = tile.height = TILE_PX;
  const ink = tile.getContext("2d");
  if (ink === null) return null;
  ink.strokeStyle = ink.fillStyle = colour;
  ink.lineWidth = (look === "prepare" ? 2.6 : 1.3) * LINE;
  if (look === "all_clear") {
    ink.globalAlpha = 0.35;
    ink.fillRect(0, 0, TILE_PX, TILE_PX);
    ink.globalAlpha = 1;
    ink.beginPath();
    ink.arc(TILE_PX / 2, TILE_PX / 2, 1.8 * LINE, 0, 2 * Math.PI);
    ink.fill();
    return tile;
  }
  ink.globalAlpha = look === "prepare" ? 0.5 : 0.18;
  ink.fillRect(0, 0, TILE_PX, TILE_PX);
  ink.globalAlpha = 1;
  ink.beginPath();
  // Drawn past the corners, so that the stripes meet from tile to tile.
  for (const shift of [-TILE_PX, 0, TILE_PX]) {
    ink.moveTo(shift - 2 * LINE, TILE_PX + 2 * LINE);
    ink.lineTo(shift + TILE_PX + 2 * LINE, -2 * LINE);
    if (look !== "prepare") {
      ink.moveTo(shift - 2 * LINE, -2 * LINE);
      ink.lineTo(shift + TILE_PX + 2 * LINE, TILE_PX + 2 * LINE);
    }
  }
  ink.stroke();
  return tile;
}

/** The fill of each look, made once for a palette. */
export class Patterns {
  private readonly made = new Map<Look, CanvasPattern | string>();

  constructor(private palette: Palette) {}

  setPalette(palette: Palette): void {
    this.palette = palette;
    this.made.clear();
  }

  fillOf(ink: CanvasRenderingContext2D, look: Look): CanvasPattern | string {
    let fill = this.made.get(look);
    if (fill === undefined) {
      const colour = this.palette.looks[look];
      const tile = patternOf(look, colour);
      fill = (tile && ink.createPattern(tile, "repeat")) ?? colour;
      this.made.set(look, fill);
    }
    return fill;
  }
}
