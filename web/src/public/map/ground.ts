// The zones, as they stand.

import type { Box, Zones } from "../../shared/model/outlines";
import { type Line, linesOf, onMap, pathOf } from "./mercator";
import { type Look, type Palette, Patterns } from "./paint";
import { isIn, Painted, type Sight } from "./painted";

/** How a zone is drawn beside its look: my place, a part of it, or the one that was tapped. */
export type Mark = "" | "mine" | "part" | "selected";

interface Shape {
  readonly lines: readonly Line[];
  readonly box: Box;
  path: Path2D;
  zoom: number;
  look: Look;
  mark: Mark;
}

const AT_ONCE = 100;
// The grave ones last, so that their edges lie on top.
const ORDER: Readonly<Record<Look, number>> = { none: 0, unknown: 1, degraded: 1, all_clear: 2, prepare: 3, take_cover: 4 };
const rank = ({ look, mark }: Shape): number => ORDER[look] + (mark === "" ? 0 : 10);

export class Ground extends Painted {
  private readonly shapes = new Map<string, Shape>();
  private readonly patterns: Patterns;
  private turn = 0;

  constructor(private palette: Palette) {
    super({ padding: 0.2 });
    this.patterns = new Patterns(palette);
  }

  setPalette(palette: Palette): void {
    this.palette = palette;
    this.patterns.setPalette(palette);
    this.redraw();
  }

  /** Takes in the outlines bit by bit, so that a slow phone answers a tap meanwhile; whether nothing newer came. */
  async setZones(zones: Zones): Promise<boolean> {
    const turn = ++this.turn;
    this.shapes.clear();
    let count = 0;
    for (const { id, polygons, box } of zones.values()) {
      const [lines, { zoom }] = [linesOf(polygons), this];
      this.shapes.set(id, { lines, box: onMap(box), path: pathOf(lines, zoom), zoom, look: "none", mark: "" });
      if (++count % AT_ONCE === 0) await new Promise((done) => setTimeout(done));
      if (turn !== this.turn) return false;
    }
    this.redraw();
    return true;
  }

  /** Says how every zone looks; draws when one looks otherwise than before. */
  setLooks(of: (zone: string) => { look: Look; mark: Mark }): void {
    let changed = false;
    for (const [id, shape] of this.shapes) {
      const { look, mark } = of(id);
      changed ||= look !== shape.look || mark !== shape.mark;
      shape.look = look;
      shape.mark = mark;
    }
    if (changed) this.redraw();
  }

  protected paint(sight: Sight): void {
    const seen = [...this.shapes.values()].filter(({ box }) => isIn(box, sight.box));
    // Most of a country is calm most of the time, and is drawn as one.
    const calm = new Path2D();
    const others: Shape[] = [];
    for (const shape of seen) {
      if (shape.zoom !== sight.zoom) {
        shape.path = pathOf(shape.lines, sight.zoom);
        shape.zoom = sight.zoom;
      }
      if (shape.look === "none" && shape.mark === "") calm.addPath(shape.path);
      else others.push(shape);
    }
    this.paintZone(sight, "none", "", sight.moved(calm), "nonzero");
    for (const { path, look, mark } of others.sort((a, b) => rank(a) - rank(b))) {
      this.paintZone(sight, look, mark, sight.moved(path), "evenodd");
    }
  }

  private paintZone({ ink, ratio }: Sight, look: Look, mark: Mark, path: Path2D, rule: CanvasFillRule): void {
    const quiet = look === "none" || look === "unknown" || look === "degraded";
    ink.globalAlpha = look === "take_cover" ? 0.82 : 1;
    ink.fillStyle = this.patterns.fillOf(ink, look);
    ink.fill(path, rule);
    ink.globalAlpha = 1;
    ink.strokeStyle = mark !== "" ? this.palette.ink : quiet ? this.palette.line : this.palette.looks[look];
    ink.lineWidth = ratio * (mark === "part" ? 1.5 : mark !== "" ? 3 : quiet ? 0.7 : 1.4);
    ink.stroke(path);
  }
}
