// Boxes, lines and outlines on a map of the whole world that is 256 pixels wide, as Leaflet draws it at zoom 0.

import { xOf, yOf } from "../../shared/model/mercator";
import type { Box, Polygon } from "../../shared/model/outlines";
import { STEPS_PER_DEG } from "../../shared/model/tiles";

// Corners nearer than this to the one before are not seen apart, and cost as much to draw as any.
const NEAR_PX = 0.7;

/** x, y, x, y, … of one line on that map. */
export type Line = Float64Array;

/** A box in degrees as [left, top, right, bottom] of that map. */
export const onMap = ([west, south, east, north]: Box): Box => [xOf(west), yOf(north), xOf(east), yOf(south)];

export function linesOf(polygons: readonly Polygon[]): Line[] {
  return polygons.flat().map((ring) => Float64Array.from(ring.flatMap(([lon, lat]) => [xOf(lon), yOf(lat)])));
}

/** The same of a line of the backdrop: a first corner and steps from each to the next, in parts of a degree. */
export function lineOfSteps(steps: readonly number[]): Line {
  const line = new Float64Array(steps.length);
  let [x, y] = [0, 0];
  for (let i = 0; i + 1 < steps.length; i += 2) {
    x += steps[i] as number;
    y += steps[i + 1] as number;
    line[i] = xOf(x / STEPS_PER_DEG);
    line[i + 1] = yOf(y / STEPS_PER_DEG);
  }
  return line;
}

/** Lines as one path for a zoom of the map; what is too small to be seen there is left out. */
export function pathOf(lines: readonly Line[], zoom: number): Path2D {
  const path = new Path2D();
  const near = NEAR_PX / 2 ** zoom;
  for (const line of lines) {
    const last = line.length - 2;
    let [x, y] = [line[0] as number, line[1] as number];
    path.moveTo(x, y);
    for (let i = 2; i <= last; i += 2) {
      const [nextX, nextY] = [line[i] as number, line[i + 1] as number];
      if (i < last && Math.abs(nextX - x) < near && Math.abs(nextY - y) < near) continue;
      path.lineTo(nextX, nextY);
      [x, y] = [nextX, nextY];
    }
  }
  return path;
}
