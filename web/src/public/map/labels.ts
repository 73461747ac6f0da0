// Names and countdowns on the map: zones under warning first, then the largest towns, as many as fit.

import L from "leaflet";
import type { Box } from "../../shared/model/outlines";
import type { Look, Palette } from "./paint";

export interface Label {
  readonly at: L.LatLngTuple;
  readonly box: Box;
  readonly name: string;
  /** "2:31", or empty. */
  readonly clock: string;
  readonly look: Look;
  readonly mine: boolean;
}

const HEIGHT_PX = 17;
const GAP_PX = 3;
// A zone smaller than this on the screen is easily missed, so a dot marks it while it is under warning.
const SMALL_PX = 16;
const DOT_PX = 5;
// More zones than this are a patch of colour that nobody misses, and dots would only clutter it.
const DOTS_MAX = 40;

interface Room {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

// A name is as wide tomorrow as it was today, and measuring is what drawing names costs most.
const WIDTHS_MAX = 5_000;
const widths = new Map<string, number>();

function widthOf(ink: CanvasRenderingContext2D, text: string): number {
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

/** A canvas over the map. Labels are drawn in the order given; one that would cover another is left out. */
export class Labels extends L.Layer {
  private readonly canvas = L.DomUtil.create("canvas", "labels");
  private labels: readonly Label[] = [];
  private asked = 0;
  private wordings: Readonly<Partial<Record<Look, string>>> = {};

  constructor(private palette: Palette) {
    super();
  }

  override onAdd(map: L.Map): this {
    map.getPane("labels")?.append(this.canvas);
    map.on("moveend zoomend resize viewreset", this.draw, this);
    map.on("zoomstart", this.clear, this);
    this.draw();
    return this;
  }

  override onRemove(map: L.Map): this {
    map.off("moveend zoomend resize viewreset", this.draw, this);
    map.off("zoomstart", this.clear, this);
    cancelAnimationFrame(this.asked);
    this.canvas.remove();
    return this;
  }

  set(labels: readonly Label[], wordings: Readonly<Partial<Record<Look, string>>>, palette: Palette): void {
    this.labels = labels;
    this.wordings = wordings;
    this.palette = palette;
    this.draw();
  }

  /** Draws with the next frame, once; until then the old names move with the map. */
  private readonly draw = (): void => {
    this.asked ||= requestAnimationFrame(() => {
      this.asked = 0;
      this.paint();
    });
  };

  private clear(): void {
    this.canvas.getContext("2d")?.clearRect(0, 0, this.canvas.width, this.canvas.height);
  }

  private paint(): void {
    const map = this._map;
    if (!map) return;
    const size = map.getSize();
    const ratio = devicePixelRatio || 1;
    this.canvas.width = size.x * ratio;
    this.canvas.height = size.y * ratio;
    this.canvas.style.width = `${size.x}px`;
    this.canvas.style.height = `${size.y}px`;
    L.DomUtil.setPosition(this.canvas, map.containerPointToLayerPoint([0, 0]));
    const ink = this.canvas.getContext("2d");
    if (ink === null) return;
    ink.scale(ratio, ratio);
    const taken: Room[] = [];
    const warned = this.labels.filter(isWarned);
    if (warned.length <= DOTS_MAX) for (const label of warned) this.dot(ink, label, map);
    for (const label of this.labels) this.place(ink, label, map.latLngToContainerPoint(label.at), size, taken);
  }

  private place(ink: CanvasRenderingContext2D, label: Label, at: L.Point, size: L.Point, taken: Room[]): void {
    if (at.x < 0 || at.y < 0 || at.x > size.x || at.y > size.y) return;
    // Nothing is measured that cannot be shown.
    if (!label.mine && taken.some((room) => at.x > room.left && at.x < room.right && at.y > room.top && at.y < room.bottom)) return;
    const warned = isWarned(label);
    ink.font = `${warned || label.mine ? "700" : "500"} 12px system-ui, "Noto Sans", sans-serif`;
    const text = warned ? [this.wordings[label.look], label.clock].filter(Boolean).join(" ") : "";
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
    this.write(ink, label, warned ? at.add([0, 0.85 * HEIGHT_PX]) : at, text, pillWidth);
  }

  private dot(ink: CanvasRenderingContext2D, label: Label, map: L.Map): void {
    const [west, south, east, north] = label.box;
    const size = map.latLngToContainerPoint([south, east]).subtract(map.latLngToContainerPoint([north, west]));
    if (Math.max(size.x, size.y) > SMALL_PX) return;
    const { x, y } = map.latLngToContainerPoint(label.at);
    ink.beginPath();
    ink.arc(x, y, DOT_PX, 0, 2 * Math.PI);
    ink.fillStyle = this.palette.looks[label.look];
    ink.strokeStyle = this.palette.halo;
    ink.lineWidth = 2;
    ink.stroke();
    ink.fill();
  }

  private write(ink: CanvasRenderingContext2D, label: Label, at: L.Point, text: string, pillWidth: number): void {
    ink.textAlign = "center";
    ink.textBaseline = "middle";
    ink.lineJoin = "round";
    ink.lineWidth = 3.5;
    ink.strokeStyle = this.palette.halo;
    ink.fillStyle = this.palette.ink;
    const name = label.mine ? `★ ${label.name}` : label.name;
    ink.strokeText(name, at.x, at.y);
    ink.fillText(name, at.x, at.y);
    if (pillWidth === 0) return;
    ink.fillStyle = this.palette.looks[label.look];
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
