// Names and countdowns on the map: zones under warning first, then the largest towns, as many as fit.

import { clockIn } from "../../shared/i18n/digits";
import { xOf, yOf } from "../../shared/model/mercator";
import type { Box } from "../../shared/model/outlines";
import { countdown, type Standing } from "../../shared/model/urgency";
import type { Look, Palette } from "./paint";
import type { Frame, Ink, Sight } from "./sight";

export interface Label {
  /** [lon, lat] in degrees. */
  readonly at: readonly [number, number];
  readonly box: Box;
  readonly name: string;
  readonly state: Standing | null;
  readonly look: Look;
  readonly mine: boolean;
}

export interface Labels {
  readonly labels: readonly Label[];
  /** What is said before the clock of a zone that is warned, and in which language's digits that is written. */
  readonly wordings: Readonly<Partial<Record<Look, string>>>;
  readonly language: string;
}

const HEIGHT_PX = 17;
const GAP_PX = 3;
// A zone smaller than this on the screen is easily missed, so a dot marks it while it is under warning.
const SMALL_PX = 16;
const DOT_PX = 5;
// More zones than this are a patch of colour that nobody misses, and dots would only clutter it.
const DOTS_MAX = 40;

interface Spot {
  readonly x: number;
  readonly y: number;
}

interface Room {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

// A name is as wide tomorrow as it was today, and measuring is what drawing names costs most.
const WIDTHS_MAX = 5_000;
const widths = new Map<string, number>();

function widthOf(ink: Ink, text: string): number {
  const key = `${ink.font}/${text}`;
  let width = widths.get(key);
  if (width === undefined) {
    width = ink.measureText(text).width;
    if (widths.size >= WIDTHS_MAX) widths.clear();
    widths.set(key, width);
  }
  return width;
}

const apart = (a: Room, b: Room): boolean => a.right < b.left || b.right < a.left || a.bottom < b.top || b.bottom < a.top;

const isWarned = ({ look }: Label): boolean => look === "take_cover" || look === "prepare";

/** Where a place is on the sheet, in pixels of the page. */
function spotOf({ zoom, left, top }: Sight, [lon, lat]: readonly [number, number]): Spot {
  const scale = 2 ** zoom;
  return { x: xOf(lon) * scale - left, y: yOf(lat) * scale - top };
}

/** Labels are drawn in the order given; one that would cover another is left out. */
export class Names {
  private said: Labels = { labels: [], wordings: {}, language: "" };
  private clock = clockIn("en");
  /** The service's time. */
  nowMs = 0;

  set(said: Labels): void {
    if (said.language !== this.said.language) this.clock = clockIn(said.language);
    this.said = said;
  }

  paint({ ink, sight }: Frame, palette: Palette): void {
    ink.scale(sight.ratio, sight.ratio);
    const taken: Room[] = [];
    const warned = this.said.labels.filter(isWarned);
    if (warned.length <= DOTS_MAX) for (const label of warned) this.dot(ink, label, sight, palette);
    for (const label of this.said.labels) this.place(ink, label, sight, palette, taken);
  }

  private place(ink: Ink, label: Label, sight: Sight, palette: Palette, taken: Room[]): void {
    const at = spotOf(sight, label.at);
    if (at.x < 0 || at.y < 0 || at.x > sight.width || at.y > sight.height) return;
    // Nothing is measured that cannot be shown.
    if (!label.mine && taken.some((room) => at.x > room.left && at.x < room.right && at.y > room.top && at.y < room.bottom)) return;
    const warned = isWarned(label);
    ink.font = `${warned || label.mine ? "700" : "500"} 12px system-ui, "Noto Sans", sans-serif`;
    const text = warned ? this.textOf(label) : "";
    const nameWidth = widthOf(ink, label.name);
    const pillWidth = text === "" ? 0 : widthOf(ink, text) + 12;
    const half = Math.max(nameWidth, pillWidth) / 2;
    const room: Room = {
      left: at.x - half - GAP_PX,
      right: at.x + half + GAP_PX,
      top: at.y - HEIGHT_PX / 2,
      bottom: at.y + (pillWidth > 0 ? 2.3 : 0.5) * HEIGHT_PX,
    };
    if (!label.mine && taken.some((other) => !apart(room, other))) return;
    taken.push(room);
    // Under the middle of a zone that is warned, so that its colour stays in sight.
    this.write(ink, label, palette, warned ? { x: at.x, y: at.y + 0.85 * HEIGHT_PX } : at, text, pillWidth);
  }

  /** "▼ Take cover 2:31". */
  private textOf({ look, state }: Label): string {
    const left = state === null ? null : countdown(state, this.nowMs);
    return [this.said.wordings[look], left?.kind === "in" ? this.clock(left.seconds) : ""].filter(Boolean).join(" ");
  }

  private dot(ink: Ink, { at, box: [west, south, east, north], look }: Label, sight: Sight, palette: Palette): void {
    const [first, last] = [spotOf(sight, [west, north]), spotOf(sight, [east, south])];
    if (Math.max(last.x - first.x, last.y - first.y) > SMALL_PX) return;
    const { x, y } = spotOf(sight, at);
    ink.beginPath();
    ink.arc(x, y, DOT_PX, 0, 2 * Math.PI);
    ink.fillStyle = palette.looks[look];
    ink.strokeStyle = palette.halo;
    ink.lineWidth = 2;
    ink.stroke();
    ink.fill();
  }

  private write(ink: Ink, label: Label, palette: Palette, at: Spot, text: string, pillWidth: number): void {
    ink.textAlign = "center";
    ink.textBaseline = "middle";
    ink.lineJoin = "round";
    ink.lineWidth = 3.5;
    ink.strokeStyle = palette.halo;
    ink.fillStyle = palette.ink;
    const name = label.mine ? `★ ${label.name}` : label.name;
    ink.strokeText(name, at.x, at.y);
    ink.fillText(name, at.x, at.y);
    if (pillWidth === 0) return;
    ink.fillStyle = palette.looks[label.look];
    ink.beginPath();
    const [left, top] = [at.x - pillWidth / 2, at.y + HEIGHT_PX / 2];
    // Old phones draw no rounded rectangles; square ones say the same.
    if (ink.roundRect) ink.roundRect(left, top, pillWidth, HEIGHT_PX, 5);
    else ink.rect(left, top, pillWidth, HEIGHT_PX);
    ink.fill();
    ink.fillStyle = label.look === "prepare" ? "#1c1300" : "#ffffff";
    ink.fillText(text, at.x, top + HEIGHT_PX / 2 + 0.5);
  }
}
