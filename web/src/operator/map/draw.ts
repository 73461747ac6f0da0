// Drawing an area: pull a circle open, or set corners one by one; with the keyboard, move and widen a circle.

import type { Ring } from "../../shared/model/outlines";
import type { Chart } from "./chart";
import { circle, distanceM, type Place } from "./geometry";

const DRAG_PX = 6;
// One press of an arrow moves by this much of the map's height; one of + widens by this factor.
const STEP = 1 / 16;
const WIDER = 1.25;
const RADIUS_M = { least: 200, most: 1_500_000 };

export interface Told {
  /** The area as it is now; null: too little for one. */
  shape(ring: Ring | null): void;
  done(ring: Ring): void;
  ended(): void;
}

export class Draw {
  private centre: Place;
  private radiusM: number;
  private corners: Place[] = [];
  private from: { x: number; y: number; place: Place } | null = null;
  private dragging = false;
  private readonly canvas: HTMLElement;

  constructor(
    private readonly chart: Chart,
    private readonly told: Told,
  ) {
    const { map } = chart;
    this.canvas = map.getCanvasContainer();
    const { lng, lat } = map.getCenter();
    this.centre = [lng, lat];
    const north = map.getBounds().getNorth();
    this.radiusM = Math.min(Math.max(distanceM(this.centre, [lng, north]) / 4, RADIUS_M.least), RADIUS_M.most);
    chart.picking = false;
    map.dragPan.disable();
    map.doubleClickZoom.disable();
    map.keyboard.disable();
    this.canvas.classList.add("drawing");
    this.canvas.addEventListener("pointerdown", this.down);
    this.canvas.addEventListener("pointermove", this.move);
    this.canvas.addEventListener("pointerup", this.up);
    this.say();
  }

  get ring(): Ring | null {
    if (this.corners.length > 0) {
      return this.corners.length < 3 ? null : [...this.corners, this.corners[0] as Place];
    }
    return circle(this.centre, this.radiusM);
  }

  /** Whether a key was for drawing. */
  key(key: string): boolean {
    const { map } = this.chart;
    const bounds = map.getBounds();
    const step = (bounds.getNorth() - bounds.getSouth()) * STEP;
    const stepEast = step / Math.max(Math.cos((this.centre[1] * Math.PI) / 180), 0.1);
    const [lon, lat] = this.centre;
    const ways: Record<string, Place> = {
      ArrowUp: [lon, lat + step],
      ArrowDown: [lon, lat - step],
      ArrowLeft: [lon - stepEast, lat],
      ArrowRight: [lon + stepEast, lat],
    };
    const way = ways[key];
    if (way !== undefined) {
      this.corners = [];
      this.centre = way;
      if (!bounds.contains([...way])) map.panTo([...way], { duration: 0 });
    } else if (key === "+" || key === "=") this.widen(WIDER);
    else if (key === "-" || key === "_") this.widen(1 / WIDER);
    else if (key === "Enter") this.take();
    else if (key === "Escape") this.end();
    else if (key === "Backspace") this.corners = this.corners.slice(0, -1);
    else return false;
    this.say();
    return true;
  }

  /** Hands the area on; without one nothing happens. */
  take(): void {
    const { ring } = this;
    if (ring === null) return;
    this.end();
    this.told.done(ring);
  }

  end(): void {
    const { map } = this.chart;
    this.canvas.removeEventListener("pointerdown", this.down);
    this.canvas.removeEventListener("pointermove", this.move);
    this.canvas.removeEventListener("pointerup", this.up);
    this.canvas.classList.remove("drawing");
    map.dragPan.enable();
    map.doubleClickZoom.enable();
    map.keyboard.enable();
    this.chart.draft(null);
    // The click that ended the drawing picks nothing.
    setTimeout(() => {
      this.chart.picking = true;
    }, 100);
    this.told.ended();
  }

  private widen(factor: number): void {
    this.radiusM = Math.min(Math.max(this.radiusM * factor, RADIUS_M.least), RADIUS_M.most);
  }

  private say(): void {
    if (!this.canvas.classList.contains("drawing")) return;
    const open = this.corners.length > 0 && this.corners.length < 3;
    this.chart.draft(open ? [...this.corners, this.corners[0] as Place] : this.ring);
    this.told.shape(this.ring);
  }

  private at(event: PointerEvent): { x: number; y: number; place: Place } {
    const box = this.canvas.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    const { lng, lat } = this.chart.map.unproject([x, y]);
    return { x, y, place: [lng, lat] };
  }

  private readonly down = (event: PointerEvent) => {
    if (!event.isPrimary || event.button !== 0) return;
    this.from = this.at(event);
    this.dragging = false;
    this.canvas.setPointerCapture(event.pointerId);
  };

  private readonly move = (event: PointerEvent) => {
    if (this.from === null) return;
    const here = this.at(event);
    if (!this.dragging && Math.hypot(here.x - this.from.x, here.y - this.from.y) < DRAG_PX) return;
    this.dragging = true;
    this.corners = [];
    this.centre = this.from.place;
    this.radiusM = Math.min(Math.max(distanceM(this.from.place, here.place), RADIUS_M.least), RADIUS_M.most);
    this.say();
  };

  private readonly up = (event: PointerEvent) => {
    const { from } = this;
    this.from = null;
    if (from === null) return;
    if (this.dragging) {
      this.take();
      return;
    }
    const first = this.corners[0];
    const { x, y } = first === undefined ? { x: -99, y: -99 } : this.chart.map.project([...first]);
    const here = this.at(event);
    if (this.corners.length >= 3 && Math.hypot(x - here.x, y - here.y) < 2 * DRAG_PX) this.take();
    else {
      this.corners = [...this.corners, here.place];
      this.say();
    }
  };
}
