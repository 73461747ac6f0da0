// What of the map a sheet shows, and how it is painted there. Outlines are paths of a map of the whole world, which the
// browser itself enlarges: nothing is projected anew when the map is moved. For a country's zones that took a phone seconds.

import type { Box } from "../../shared/model/outlines";

/** Its corner on a map of the whole world at that zoom, and its size there: plain numbers, so that a worker can be told. */
export interface Sight {
  readonly zoom: number;
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  /** Pixels of the screen for one of the page. */
  readonly ratio: number;
}

export type Canvas = HTMLCanvasElement | OffscreenCanvas;
export type Ink = CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D;

/** A canvas that is nowhere on the page. */
export function blank(width: number, height: number): Canvas {
  if (typeof document === "undefined") return new OffscreenCanvas(width, height);
  return Object.assign(document.createElement("canvas"), { width, height });
}

export interface Frame {
  readonly ink: Ink;
  readonly sight: Sight;
  /** The whole zoom that is painted for, and what is in sight of the map of the world. */
  readonly zoom: number;
  readonly box: Box;
  /** A path of the map of the world on this canvas. */
  moved(path: Path2D): Path2D;
}

export function frameOf(sight: Sight, ink: Ink): Frame {
  const { zoom, left, top, width, height, ratio } = sight;
  const scale = 2 ** zoom;
  const matrix = new DOMMatrix([ratio * scale, 0, 0, ratio * scale, -ratio * left, -ratio * top]);
  return {
    ...{ ink, sight, zoom: Math.ceil(zoom) },
    box: [left / scale, top / scale, (left + width) / scale, (top + height) / scale],
    moved: (path) => {
      const shown = new Path2D();
      shown.addPath(path, matrix);
      return shown;
    },
  };
}

export const isIn = (box: Box, sight: Box): boolean =>
  box[0] <= sight[2] && box[2] >= sight[0] && box[1] <= sight[3] && box[3] >= sight[1];
