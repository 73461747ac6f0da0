// How zones are painted. Levels differ in pattern and weight as well as colour: in grey, or to eyes that do not tell
// red from green, "take cover" is solid, "prepare" striped, "all clear" dotted and "we may be blind" crossed.

import type { Word } from "../../shared/model/trust";
import { blank, type Canvas, type Ink } from "./sight";

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

/** A repeating pattern for a look, or null where the fill is plain. */
function patternOf(look: Look, colour: string, ratio: number): Canvas | null {
  if (look === "none" || look === "take_cover") return null;
  // Drawn on the screen's own pixels: on a fine screen the stripes must be as wide.
  const line = Math.max(1, Math.round(ratio));
  const side = 8 * line;
  const tile = blank(side, side);
  const ink = tile.getContext("2d") as Ink | null;
  if (ink === null) return null;
  ink.strokeStyle = ink.fillStyle = colour;
  ink.lineWidth = (look === "prepare" ? 2.6 : 1.3) * line;
  if (look === "all_clear") {
    ink.globalAlpha = 0.35;
    ink.fillRect(0, 0, side, side);
    ink.globalAlpha = 1;
    ink.beginPath();
    ink.arc(side / 2, side / 2, 1.8 * line, 0, 2 * Math.PI);
    ink.fill();
    return tile;
  }
  ink.globalAlpha = look === "prepare" ? 0.5 : 0.18;
  ink.fillRect(0, 0, side, side);
  ink.globalAlpha = 1;
  ink.beginPath();
  // Drawn past the corners, so that the stripes meet from tile to tile.
  for (const shift of [-side, 0, side]) {
    ink.moveTo(shift - 2 * line, side + 2 * line);
    ink.lineTo(shift + side + 2 * line, -2 * line);
    if (look !== "prepare") {
      ink.moveTo(shift - 2 * line, -2 * line);
      ink.lineTo(shift + side + 2 * line, side + 2 * line);
    }
  }
  ink.stroke();
  return tile;
}

/** The fill of each look, made once for a palette and a screen. */
export class Patterns {
  private readonly made = new Map<Look, CanvasPattern | string>();
  private palette: Palette | null = null;
  private ratio = 1;

  fillOf(ink: Ink, look: Look, palette: Palette, ratio: number): CanvasPattern | string {
    if (palette !== this.palette || ratio !== this.ratio) this.made.clear();
    [this.palette, this.ratio] = [palette, ratio];
    let fill = this.made.get(look);
    if (fill === undefined) {
      const colour = palette.looks[look];
      const tile = patternOf(look, colour, ratio);
      fill = (tile && ink.createPattern(tile, "repeat")) ?? colour;
      this.made.set(look, fill);
    }
    return fill;
  }
}
