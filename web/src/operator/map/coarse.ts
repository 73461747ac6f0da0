// Where there is no graphics card, each pixel costs: the map is drawn in half as many a side while it is moved.

import type { Map as MapLibre } from "maplibre-gl";

/** Whether the browser draws in software: it says so by refusing a canvas that must not be slow. */
export function isSlow(): boolean {
  return document.createElement("canvas").getContext("webgl2", { failIfMajorPerformanceCaveat: true }) === null;
}

/** Draws coarsely from the beginning of each movement to its end, and then once more finely. */
export function coarseInMotion(map: MapLibre, ratio: number): void {
  let coarse = false;
  // Another number of pixels is told as a movement, too.
  const draw = (now: boolean) => {
    if (now === coarse) return;
    coarse = now;
    map.setPixelRatio(now ? ratio / 2 : ratio);
  };
  map.on("move", () => map.isMoving() && draw(true));
  map.on("idle", () => draw(false));
}
