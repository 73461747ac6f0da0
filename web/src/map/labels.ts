// Names and countdowns on the map: zones under warning first, then the largest towns, as many as fit.

import L from "leaflet";
import type { Look, Palette } from "./paint";

export interface Label {
  readonly at: L.LatLngTuple;
  readonly name: string;
  /** "2:31", "now", or empty. */
  readonly clock: string;
  readonly look: Look;
  readonly mine: boolean;
}

const HEIGHT_PX = 17;
const GAP_PX = 3;

interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

const apart = (a: Box, b: Box): boolean => a.right < b.left || b.right < a.left || a.bottom < b.top || b.bottom < a.top;

/** A canvas over the map. Labels are drawn in the order given; one that would cover another is left out. */
export class Labels extends L.Layer {
  private readonly canvas = L.DomUtil.create("canvas", "labels");
  private labels: readonly Label[] = [];
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
    this.canvas.remove();
    return this;
  }

  set(labels: readonly Label[], wordings: Readonly<Partial<Record<Look, string>>>, palette: Palette): void {
    this.labels = labels;
    this.wordings = wordings;
    this.palette = palette;
    this.draw();
  }

  private clear(): void {
    this.canvas.getContext("2d")?.clearRect(0, 0, this.canvas.width, this.canvas.height);
  }

  private draw(): void {
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
    const taken: Box[] = [];
    for (const label of this.labels) this.place(ink, label, map.latLngToContainerPoint(label.at), size, taken);
  }

  private place(ink: CanvasRenderingContext2D, label: Label, at: L.Point, size: L.Point, taken: Box[]): void {
    if (at.x < 0 || at.y < 0 || at.x > size.x || at.y > size.y) return;
    const warned = label.look === "take_cover" || label.look === "prepare";
    ink.font = `${warned || label.mine ? "700" : "500"} 12px system-ui, "Noto Sans", sans-serif`;
    const text = warned ? [this.wordings[label.look], label.clock].filter(Boolean).join(" ") : "";
    const nameWidth = ink.measureText(label.name).width;
    const pillWidth = text === "" ? 0 : ink.measureText(text).width + 12;
    const half = Math.max(nameWidth, pillWidth) / 2;
    const box: Box = {
      left: at.x - half - GAP_PX,
      right: at.x + half + GAP_PX,
      top: at.y - HEIGHT_PX / 2,
      bottom: at.y + (pillWidth > 0 ? 1.5 : 0.5) * HEIGHT_PX,
    };
    if (!label.mine && taken.some((other) => !apart(box, other))) return;
    taken.push(box);
    this.write(ink, label, at, text, pillWidth);
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
