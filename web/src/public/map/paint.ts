// How zones are painted. Levels differ in pattern and weight as well as colour: in grey, or to eyes that do not tell
// red from green, "take cover" is solid, "prepare" striped, "all clear" dotted and "we may be blind" crossed.

import L from "leaflet";
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

const TILE_PX = 8;

/** A repeating pattern for a look, or null where the fill is plain. */
function patternOf(look: Look, colour: string): HTMLCanvasElement | null {
  if (look === "none" || look === "take_cover") return null;
  const tile = document.createElement("canvas");
  tile.width = tile.height = TILE_PX;
  const ink = tile.getContext("2d");
  if (ink === null) return null;
  ink.strokeStyle = ink.fillStyle = colour;
  ink.lineWidth = look === "prepare" ? 2.6 : 1.3;
  if (look === "all_clear") {
    ink.globalAlpha = 0.35;
    ink.fillRect(0, 0, TILE_PX, TILE_PX);
    ink.globalAlpha = 1;
    ink.beginPath();
    ink.arc(TILE_PX / 2, TILE_PX / 2, 1.8, 0, 2 * Math.PI);
    ink.fill();
    return tile;
  }
  ink.globalAlpha = look === "prepare" ? 0.5 : 0.18;
  ink.fillRect(0, 0, TILE_PX, TILE_PX);
  ink.globalAlpha = 1;
  ink.beginPath();
  // Drawn past the corners, so that the stripes meet from tile to tile.
  for (const shift of [-TILE_PX, 0, TILE_PX]) {
    ink.moveTo(shift - 2, TILE_PX + 2);
    ink.lineTo(shift + TILE_PX + 2, -2);
    if (look !== "prepare") {
      ink.moveTo(shift - 2, -2);
      ink.lineTo(shift + TILE_PX + 2, TILE_PX + 2);
    }
  }
  ink.stroke();
  return tile;
}

export interface ZonePathOptions extends L.PolylineOptions {
  look?: Look;
}

interface CanvasInnards {
  _fillStroke(context: CanvasRenderingContext2D, layer: L.Path): void;
}

/** Leaflet's canvas renderer, with patterns for fills. */
export class PatternCanvas extends L.Canvas {
  private readonly patterns = new Map<Look, CanvasPattern | string>();

  constructor(
    private palette: Palette,
    options: L.RendererOptions,
  ) {
    super(options);
  }

  setPalette(palette: Palette): void {
    this.palette = palette;
    this.patterns.clear();
  }

  _fillStroke(context: CanvasRenderingContext2D, layer: L.Path): void {
    const { look } = layer.options as ZonePathOptions;
    if (look !== undefined) {
      context.globalAlpha = layer.options.fillOpacity ?? 1;
      context.fillStyle = this.fillOf(context, look);
      context.fill("evenodd");
    }
    (L.Canvas.prototype as unknown as CanvasInnards)._fillStroke.call(this, context, layer);
  }

  private fillOf(context: CanvasRenderingContext2D, look: Look): CanvasPattern | string {
    let fill = this.patterns.get(look);
    if (fill === undefined) {
      const colour = this.palette.looks[look];
      const tile = patternOf(look, colour);
      fill = (tile && context.createPattern(tile, "repeat")) ?? colour;
      this.patterns.set(look, fill);
    }
    return fill;
  }
}
