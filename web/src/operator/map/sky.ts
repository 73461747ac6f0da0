// Tracks, on a canvas over the map. They move each second; the map under them is dear to draw where there is no graphics
// card, and need not be drawn again for them.

import type { Map as MapLibre } from "maplibre-gl";
import { WORLD_PX, xOf, yOf } from "../../shared/model/mercator";
import type { Track } from "../model/wire";
import { ellipse, moved, type Place } from "./geometry";
import type { Palette } from "./palette";
import { CLASSES, SIGN_PX, trackSigns } from "./signs";

// One standard deviation along both axes holds 39 %; an officer wants to know where it is, nearly certainly.
const OF_95 = 2.45;
// Where it will be in a minute, as it flies.
const AHEAD_S = 60;
const DEG = Math.PI / 180;
// The chosen one is drawn so much larger.
const LARGER = 1.45;

/** A track on the map of the whole world: itself, where it is in a minute, and the corners of its 95 % ellipse. */
interface Shape {
  readonly track: Track;
  readonly x: number;
  readonly y: number;
  readonly ahead: Place;
  readonly doubt: readonly Place[];
  readonly civil: boolean;
}

/** From that map to the screen. */
interface View {
  readonly scale: number;
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export function signOf({ threat, status, lost }: Pick<Track, "threat" | "status" | "lost">): string {
  const name = CLASSES.includes(threat) ? threat : "unknown";
  return `${name}${status === "tentative" || lost ? "-hollow" : ""}`;
}

const placed = ([lon, lat]: Place): Place => [xOf(lon), yOf(lat)];

export function shapeOf(track: Track): Shape {
  const place: Place = [track.lon, track.lat];
  const { major_m, minor_m, major_deg } = track.ellipse ?? { major_m: track.sigma_m, minor_m: track.sigma_m, major_deg: 0 };
  const way = track.speed_mps * AHEAD_S;
  const ahead = moved(place, way * Math.sin(track.heading_deg * DEG), way * Math.cos(track.heading_deg * DEG));
  const doubt = ellipse(place, major_m * OF_95, minor_m * OF_95, major_deg).map(([lon, lat]) => placed([lon, lat]));
  const [x, y] = placed(place);
  return { track, x, y, ahead: placed(ahead), doubt, civil: track.cooperative || track.threat === "civil" };
}

export class Sky {
  private readonly canvas = document.createElement("canvas");
  private signs: ReadonlyMap<string, HTMLCanvasElement>;
  private shapes: readonly Shape[] = [];
  private chosen: string | null = null;
  private asked = 0;
  private seen = "";

  constructor(
    private readonly map: MapLibre,
    private palette: Palette,
  ) {
    this.signs = trackSigns(palette);
    this.canvas.className = "sky";
    map.getCanvasContainer().append(this.canvas);
    // In the same frame as the map, so that neither slips over the other.
    map.on("render", () => this.viewKey() !== this.seen && this.draw());
  }

  show(tracks: readonly Track[], chosen: string | null): void {
    this.shapes = tracks.map(shapeOf);
    this.chosen = chosen;
    this.redraw();
  }

  setPalette(palette: Palette): void {
    this.palette = palette;
    this.signs = trackSigns(palette);
    this.redraw();
  }

  /** The track nearest to a point of the screen, within so many pixels. */
  nearest({ x, y }: { x: number; y: number }, withinPx: number): string | null {
    const view = this.view();
    let found: string | null = null;
    let least = withinPx;
    for (const shape of this.shapes) {
      const away = Math.hypot(shape.x * view.scale - view.left - x, shape.y * view.scale - view.top - y);
      if (away <= least) [found, least] = [shape.track.id, away];
    }
    return found;
  }

  stop(): void {
    cancelAnimationFrame(this.asked);
    this.canvas.remove();
  }

  /** Draws with the next frame, once. */
  private redraw(): void {
    this.asked ||= requestAnimationFrame(() => this.draw());
  }

  private viewKey(): string {
    const { lng, lat } = this.map.getCenter();
    const { clientWidth, clientHeight } = this.map.getCanvas();
    return `${lng} ${lat} ${this.map.getZoom()} ${clientWidth} ${clientHeight} ${this.map.getPixelRatio()}`;
  }

  private view(): View {
    const { clientWidth: width, clientHeight: height } = this.map.getCanvas();
    const { lng, lat } = this.map.getCenter();
    // MapLibre's world is 512 pixels wide at zoom 0.
    const scale = (512 / WORLD_PX) * 2 ** this.map.getZoom();
    return { scale, left: xOf(lng) * scale - width / 2, top: yOf(lat) * scale - height / 2, width, height };
  }

  private draw(): void {
    cancelAnimationFrame(this.asked);
    this.asked = 0;
    this.seen = this.viewKey();
    const view = this.view();
    const ratio = this.map.getPixelRatio();
    const [width, height] = [Math.round(view.width * ratio), Math.round(view.height * ratio)];
    if (this.canvas.width !== width || this.canvas.height !== height) Object.assign(this.canvas, { width, height });
    const pen = this.canvas.getContext("2d");
    if (pen === null) return;
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, view.width, view.height);
    const near = this.shapes.filter((shape) => isNear(shape, view));
    for (const civil of [true, false]) drawDoubt(pen, near.filter((one) => one.civil === civil), view, civil ? this.palette.civil : this.palette.track);
    for (const shape of near) this.drawSign(pen, shape, view);
  }

  private drawSign(pen: CanvasRenderingContext2D, { track, x, y }: Shape, { scale, left, top }: View): void {
    const sign = this.signs.get(signOf(track));
    if (sign === undefined) return;
    const size = SIGN_PX * (track.id === this.chosen ? LARGER : 1);
    pen.save();
    pen.translate(x * scale - left, y * scale - top);
    pen.rotate(track.heading_deg * DEG);
    pen.drawImage(sign, -size / 2, -size / 2, size, size);
    pen.restore();
  }
}

/** Whether any of it may be on the screen. */
function isNear({ x, y, ahead, doubt }: Shape, { scale, left, top, width, height }: View): boolean {
  const [cornerX, cornerY] = doubt[0] as Place;
  const reach = SIGN_PX * LARGER + scale * Math.max(Math.hypot(cornerX - x, cornerY - y), Math.hypot(ahead[0] - x, ahead[1] - y));
  const [atX, atY] = [x * scale - left, y * scale - top];
  return atX > -reach && atY > -reach && atX < width + reach && atY < height + reach;
}

/** Ellipses and ways of tracks of one colour. Where they overlap, they are no darker: many doubts are no certainty. */
function drawDoubt(pen: CanvasRenderingContext2D, shapes: readonly Shape[], { scale, left, top }: View, colour: string): void {
  const [ways, doubts] = [new Path2D(), new Path2D()];
  for (const { x, y, ahead, doubt } of shapes) {
    ways.moveTo(x * scale - left, y * scale - top);
    ways.lineTo(ahead[0] * scale - left, ahead[1] * scale - top);
    doubt.forEach(([atX, atY], i) => (i === 0 ? doubts.moveTo(atX * scale - left, atY * scale - top) : doubts.lineTo(atX * scale - left, atY * scale - top)));
  }
  pen.fillStyle = pen.strokeStyle = colour;
  pen.globalAlpha = 0.16;
  pen.fill(doubts);
  pen.globalAlpha = 0.7;
  pen.lineWidth = 1;
  pen.stroke(doubts);
  pen.globalAlpha = 1;
  pen.lineWidth = 1.6;
  pen.stroke(ways);
}
