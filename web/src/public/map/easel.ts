// Everything that is painted of the map, told bit by bit what to paint. It needs nothing of a page: it stands in a worker
// where the browser has a canvas there, so that a country's zones keep nobody from being answered, and else in the page.

import { Land } from "./land";
import { type Labels, Names } from "./names";
import type { Palette } from "./paint";
import { type Canvas, type Frame, frameOf, type Ink, type Sight } from "./sight";
import { type Looked, type Outline, ZoneShapes } from "./zones";

export type SheetName = "land" | "zones" | "names";

export type Told =
  | { readonly palette: Palette }
  | { readonly tile: ArrayBuffer }
  | { readonly outlines: readonly Outline[] }
  | { readonly looks: readonly Looked[] }
  | { readonly labels: Labels }
  | { readonly nowMs: number };

export class Easel {
  private readonly land = new Land();
  private readonly zones = new ZoneShapes();
  private readonly names = new Names();
  private palette: Palette | null = null;

  tell(told: Told): void {
    if ("palette" in told) this.palette = told.palette;
    else if ("tile" in told) this.land.add(told.tile);
    else if ("outlines" in told) this.zones.set(told.outlines);
    else if ("looks" in told) this.zones.look(told.looks);
    else if ("labels" in told) this.names.set(told.labels);
    else this.names.nowMs = told.nowMs;
  }

  /** Paints a sheet on a canvas, which takes its size. */
  paint(sheet: SheetName, sight: Sight, canvas: Canvas): void {
    canvas.width = Math.round(sight.width * sight.ratio);
    canvas.height = Math.round(sight.height * sight.ratio);
    const ink = canvas.getContext("2d") as Ink | null;
    if (ink === null || this.palette === null) return;
    ink.lineJoin = "round";
    const frame: Frame = frameOf(sight, ink);
    this[sheet].paint(frame, this.palette);
  }
}
