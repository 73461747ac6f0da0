// The signs on the map, drawn here: what a thing is must be told by its shape, for an eye that tells no colours apart.

import type { Map as Chart } from "maplibre-gl";
import type { Palette } from "./palette";

const SIZE = 44;
const RATIO = 2;
/** How large a sign is on the page. */
export const SIGN_PX = SIZE / RATIO;

type Draw = (pen: CanvasRenderingContext2D) => void;

function path(pen: CanvasRenderingContext2D, points: readonly (readonly [number, number])[]): void {
  pen.beginPath();
  points.forEach(([x, y], i) => (i === 0 ? pen.moveTo(x, y) : pen.lineTo(x, y)));
  pen.closePath();
}

/** Shapes look north, in a square of ±10; the map turns them to the course. */
const TRACKS: Readonly<Record<string, Draw>> = {
  // Swept wings.
  jet: (pen) => path(pen, [[0, -9], [2, -2], [8, 5], [2, 4], [3, 8], [0, 7], [-3, 8], [-2, 4], [-8, 5], [-2, -2]]),
  // A long body with straight wings, as seen from below.
  aircraft: (pen) => path(pen, [[0, -9], [1.5, -3], [9, 0], [9, 2], [1.5, 2], [1.2, 6], [4, 8], [0, 7.5], [-4, 8], [-1.2, 6], [-1.5, 2], [-9, 2], [-9, 0], [-1.5, -3]]),
  // A triangle: the delta wing of the commonest ones.
  drone: (pen) => path(pen, [[0, -8], [8, 7], [0, 4], [-8, 7]]),
  // A thin arrow.
  cruise_missile: (pen) => path(pen, [[0, -9], [2.5, -5], [2.5, 3], [6, 8], [-6, 8], [-2.5, 3], [-2.5, -5]]),
  // A long lozenge.
  ballistic_missile: (pen) => path(pen, [[0, -10], [4, 0], [0, 10], [-4, 0]]),
  // Two short strokes.
  rocket: (pen) => {
    path(pen, [[-5, -6], [-2, -6], [-2, 8], [-5, 8]]);
    pen.moveTo(2, -9);
    pen.lineTo(5, -9);
    pen.lineTo(5, 5);
    pen.lineTo(2, 5);
    pen.closePath();
  },
  // A disc with a tail.
  helicopter: (pen) => {
    pen.beginPath();
    pen.arc(0, -2, 6.5, 0, 2 * Math.PI);
    pen.rect(-1.2, 4, 2.4, 6);
  },
  // A small ring with a nose.
  civil: (pen) => path(pen, [[0, -6], [4, 5], [0, 3], [-4, 5]]),
  unknown: (pen) => path(pen, [[0, -8], [8, 0], [0, 8], [-8, 0]]),
};
export const CLASSES = Object.keys(TRACKS);

const LEVELS: Readonly<Record<string, Draw>> = {
  take_cover: (pen) => path(pen, [[0, -9], [9.5, 8], [-9.5, 8]]),
  prepare: (pen) => path(pen, [[-8, -8], [8, -8], [8, 8], [-8, 8]]),
  all_clear: (pen) => {
    pen.beginPath();
    pen.arc(0, 0, 8.5, 0, 2 * Math.PI);
  },
};
const MARKS: Readonly<Record<string, string>> = { take_cover: "!", prepare: "‖", all_clear: "✓" };

function canvasOf(paint: (pen: CanvasRenderingContext2D) => void): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  canvas.width = SIZE;
  canvas.height = SIZE;
  const pen = canvas.getContext("2d") as CanvasRenderingContext2D;
  pen.translate(SIZE / 2, SIZE / 2);
  pen.scale(SIZE / 24, SIZE / 24);
  paint(pen);
  return canvas;
}

const drawn = (paint: (pen: CanvasRenderingContext2D) => void): ImageData =>
  (canvasOf(paint).getContext("2d") as CanvasRenderingContext2D).getImageData(0, 0, SIZE, SIZE);

function outlined(draw: Draw, fill: string, edge: string, hollow = false): HTMLCanvasElement {
  return canvasOf((pen) => {
    draw(pen);
    pen.lineJoin = "round";
    pen.lineWidth = hollow ? 3.4 : 2.2;
    pen.strokeStyle = edge;
    pen.stroke();
    pen.lineWidth = 1.8;
    pen.strokeStyle = fill;
    pen.fillStyle = hollow ? edge : fill;
    pen.fill(pen.canvas ? "nonzero" : "evenodd");
    if (hollow) pen.stroke();
  });
}

function hatch(colour: string): ImageData {
  const size = 16;
  const canvas = document.createElement("canvas");
  canvas.width = size;
  canvas.height = size;
  const pen = canvas.getContext("2d") as CanvasRenderingContext2D;
  pen.strokeStyle = colour;
  pen.lineWidth = 2;
  pen.beginPath();
  for (const x of [-size, 0, size]) {
    pen.moveTo(x, size);
    pen.lineTo(x + size, 0);
  }
  pen.stroke();
  return pen.getImageData(0, 0, size, size);
}

/** A square with a wave: sees. Crossed out: does not. Hollow: not heard yet. */
function sensor(state: "seeing" | "trouble" | "silent", palette: Palette): ImageData {
  const colour = state === "seeing" ? palette.sensor : palette.trouble;
  return drawn((pen) => {
    pen.lineWidth = 2;
    pen.strokeStyle = palette.halo;
    pen.fillStyle = state === "silent" ? palette.halo : colour;
    pen.beginPath();
    pen.rect(-6, -6, 12, 12);
    pen.stroke();
    pen.fill();
    pen.strokeStyle = colour;
    pen.strokeRect(-6, -6, 12, 12);
    pen.strokeStyle = state === "silent" ? colour : palette.halo;
    pen.lineWidth = 2.4;
    pen.beginPath();
    if (state === "seeing") {
      pen.moveTo(-3.4, 0);
      pen.lineTo(-0.8, 2.8);
      pen.lineTo(3.6, -2.8);
    } else {
      pen.moveTo(-3.4, -3.4);
      pen.lineTo(3.4, 3.4);
      pen.moveTo(3.4, -3.4);
      pen.lineTo(-3.4, 3.4);
    }
    pen.stroke();
  });
}

/** The signs of tracks by class, and hollow ones: `drone`, `drone-hollow`. */
export function trackSigns(palette: Palette): ReadonlyMap<string, HTMLCanvasElement> {
  return new Map(
    Object.entries(TRACKS).flatMap(([name, draw]): [string, HTMLCanvasElement][] => {
      const colour = name === "civil" ? palette.civil : palette.track;
      return [[name, outlined(draw, colour, palette.halo)], [`${name}-hollow`, outlined(draw, colour, palette.halo, true)]];
    }),
  );
}

/** Puts every other sign into the map, or puts them anew in other colours. */
export function putSigns(chart: Chart, palette: Palette): void {
  const put = (name: string, image: ImageData) => {
    if (chart.hasImage(name)) chart.updateImage(name, image);
    else chart.addImage(name, image, { pixelRatio: RATIO });
  };
  for (const [name, draw] of Object.entries(LEVELS)) {
    const colour = palette[name as "take_cover" | "prepare" | "all_clear"];
    const base = (pen: CanvasRenderingContext2D) => {
      draw(pen);
      pen.lineJoin = "round";
      pen.lineWidth = 2.4;
      pen.strokeStyle = palette.halo;
      pen.stroke();
      pen.fillStyle = colour;
      pen.fill();
      pen.fillStyle = palette.halo;
      pen.font = "bold 12px system-ui, sans-serif";
      pen.textAlign = "center";
      pen.textBaseline = "middle";
      pen.fillText(MARKS[name] as string, 0, name === "take_cover" ? 3 : 0.8);
    };
    put(`level-${name}`, drawn(base));
  }
  for (const state of ["seeing", "trouble", "silent"] as const) put(`sensor-${state}`, sensor(state, palette));
  put("hatch", hatch(palette.blind));
}
