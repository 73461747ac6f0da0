// The zones, as they stand.

import type { Box } from "../../shared/model/outlines";
import { type Line, pathOf } from "./mercator";
import { type Look, type Palette, Patterns } from "./paint";
import { type Frame, isIn } from "./sight";

/** How a zone is drawn beside its look: my place, a part of it, or the one that was tapped. */
export type Mark = "" | "mine" | "part" | "selected";

export interface Outline {
  readonly id: string;
  readonly lines: readonly Line[];
  /** On the map of the world. */
  readonly box: Box;
}

export interface Looked {
  readonly id: string;
  readonly look: Look;
  readonly mark: Mark;
}

interface Shape extends Outline {
  path: Path2D;
  zoom: number;
  look: Look;
  mark: Mark;
}

// The grave ones last, so that their edges lie on top.
const ORDER: Readonly<Record<Look, number>> = { none: 0, unknown: 1, degraded: 1, all_clear: 2, prepare: 3, take_cover: 4 };
const rank = ({ look, mark }: Shape): number => ORDER[look] + (mark === "" ? 0 : 10);

export class ZoneShapes {
  private shapes = new Map<string, Shape>();
  private readonly patterns = new Patterns();

  /** Takes these for all those before; nothing is known of how they stand yet. */
  set(outlines: readonly Outline[]): void {
    this.shapes = new Map(
      outlines.map((outline) => [outline.id, { ...outline, path: new Path2D(), zoom: Number.NaN, look: "none", mark: "" }]),
    );
  }

  look(looks: readonly Looked[]): void {
    for (const { id, look, mark } of looks) {
      const shape = this.shapes.get(id);
      if (shape !== undefined) [shape.look, shape.mark] = [look, mark];
    }
  }

  paint(frame: Frame, palette: Palette): void {
    const seen = [...this.shapes.values()].filter(({ box }) => isIn(box, frame.box));
    // Most of a country is calm most of the time, and is drawn as one.
    const calm = new Path2D();
    const others: Shape[] = [];
    for (const shape of seen) {
      if (shape.zoom !== frame.zoom) {
        shape.path = pathOf(shape.lines, frame.zoom);
        shape.zoom = frame.zoom;
      }
      if (shape.look === "none" && shape.mark === "") calm.addPath(shape.path);
      else others.push(shape);
    }
    this.paintZone(frame, palette, "none", "", frame.moved(calm), "nonzero");
    for (const { path, look, mark } of others.sort((a, b) => rank(a) - rank(b))) {
      this.paintZone(frame, palette, look, mark, frame.moved(path), "evenodd");
    }
  }

  private paintZone(
    { ink, sight: { ratio } }: Frame,
    palette: Palette,
    look: Look,
    mark: Mark,
    path: Path2D,
    rule: CanvasFillRule,
  ): void {
    const quiet = look === "none" || look === "unknown" || look === "degraded";
    ink.globalAlpha = look === "take_cover" ? 0.82 : 1;
    ink.fillStyle = this.patterns.fillOf(ink, look, palette, ratio);
    ink.fill(path, rule);
    ink.globalAlpha = 1;
    ink.strokeStyle = mark !== "" ? palette.ink : quiet ? palette.line : palette.looks[look];
    ink.lineWidth = ratio * (mark === "part" ? 1.5 : mark !== "" ? 3 : quiet ? 0.7 : 1.4);
    ink.stroke(path);
  }
}
