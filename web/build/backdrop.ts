// The backdrop of the map: land and borders of the world in tiles of 10 degrees, cut when the page is built from
// Natural Earth (public domain) as packaged by world-atlas (ISC). No tile server, so no stranger learns who looks where.

import { createRequire } from "node:module";
import type { MultiLineString, MultiPolygon, Polygon, Position } from "geojson";
import { feature, mesh } from "topojson-client";
import type { GeometryCollection, Topology } from "topojson-specification";
import type { Plugin } from "vite";
import { STEPS_PER_DEG, TILE_DEG } from "../src/shared/model/tiles.ts";

const SOUTHMOST_DEG = -60; // Antarctica has no town to warn.
// Corners nearer than this to the one before are dropped: a pixel when a whole town fills the screen.
const NEAR_STEPS = 2;

/** x, y of the first corner in steps, then the way to each next one. Small numbers make small files. */
type Line = number[];
type Edge = { inside(p: Position): boolean; cut(a: Position, b: Position): Position };

function edgesOf(west: number, south: number): Edge[] {
  const at =
    (axis: 0 | 1, value: number) =>
    (a: Position, b: Position): Position => {
      const t = (value - (a[axis] as number)) / ((b[axis] as number) - (a[axis] as number));
      const other = (a[1 - axis] as number) + t * ((b[1 - axis] as number) - (a[1 - axis] as number));
      return axis === 0 ? [value, other] : [other, value];
    };
  const [east, north] = [west + TILE_DEG, south + TILE_DEG];
  return [
    { inside: (p) => (p[0] as number) >= west, cut: at(0, west) },
    { inside: (p) => (p[0] as number) <= east, cut: at(0, east) },
    { inside: (p) => (p[1] as number) >= south, cut: at(1, south) },
    { inside: (p) => (p[1] as number) <= north, cut: at(1, north) },
  ];
}

/** The part of a ring inside a tile (Sutherland and Hodgman, Communications of the ACM 17:32, 1974). */
function clippedRing(ring: Position[], edges: Edge[]): Position[] {
  let points = ring.slice(0, -1);
  for (const edge of edges) {
    const kept: Position[] = [];
    points.forEach((point, i) => {
      const previous = points[(i + points.length - 1) % points.length] as Position;
      if (edge.inside(point) !== edge.inside(previous)) kept.push(edge.cut(previous, point));
      if (edge.inside(point)) kept.push(point);
    });
    points = kept;
  }
  return points;
}

/** The parts of a line inside a tile, kept whole segment by whole segment: a little overlap does not show. */
function clippedLine(line: Position[], edges: Edge[]): Position[][] {
  const parts: Position[][] = [];
  let part: Position[] = [];
  const inside = (p: Position) => edges.every((edge) => edge.inside(p));
  line.forEach((point, i) => {
    const previous = line[i - 1];
    if (previous !== undefined && (inside(point) || inside(previous))) {
      if (part.length === 0) part.push(previous);
      part.push(point);
    } else if (part.length > 0) {
      parts.push(part);
      part = [];
    }
  });
  return part.length > 0 ? [...parts, part] : parts;
}

/** Whole steps, crowded corners thinned out; the ends stay, so that lines still meet. */
function inSteps(points: Position[]): Line {
  const line: Line = [];
  let [lastX, lastY] = [0, 0];
  points.forEach(([lon, lat], i) => {
    const [dx, dy] = [
      Math.round((lon as number) * STEPS_PER_DEG) - lastX,
      Math.round((lat as number) * STEPS_PER_DEG) - lastY,
    ];
    const crowded = Math.abs(dx) < NEAR_STEPS && Math.abs(dy) < NEAR_STEPS;
    if (i > 0 && i < points.length - 1 && crowded) return;
    line.push(dx, dy);
    [lastX, lastY] = [lastX + dx, lastY + dy];
  });
  return line;
}

interface Shape {
  points: Position[];
  /** West, south, east, north in degrees. */
  box: [number, number, number, number];
}

function shapeOf(points: Position[]): Shape {
  const box: Shape["box"] = [180, 90, -180, -90];
  for (const [lon, lat] of points as [number, number][]) {
    box[0] = Math.min(box[0], lon);
    box[1] = Math.min(box[1], lat);
    box[2] = Math.max(box[2], lon);
    box[3] = Math.max(box[3], lat);
  }
  return { points, box };
}

function world(): { rings: Shape[]; borders: Shape[] } {
  const atlas = createRequire(import.meta.url)("world-atlas/countries-10m.json") as Topology<{
    countries: GeometryCollection;
    land: GeometryCollection;
  }>;
  const shapes = feature(atlas, atlas.objects.land).features.map((f) => f.geometry as Polygon | MultiPolygon);
  const polygons = shapes.flatMap((g) => (g.type === "Polygon" ? [g.coordinates] : g.coordinates));
  const borders = mesh(atlas, atlas.objects.countries, (a, b) => a !== b) as MultiLineString;
  return { rings: polygons.flat().map(shapeOf), borders: borders.coordinates.map(shapeOf) };
}

/** Every tile with land in it, by file name. */
export function backdropTiles(): Map<string, string> {
  const { rings, borders } = world();
  const tiles = new Map<string, string>();
  for (let west = -180; west < 180; west += TILE_DEG) {
    for (let south = SOUTHMOST_DEG; south < 90; south += TILE_DEG) {
      const edges = edgesOf(west, south);
      const near = ({ box }: Shape) =>
        box[0] <= west + TILE_DEG && box[2] >= west && box[1] <= south + TILE_DEG && box[3] >= south;
      const land = rings
        .filter(near)
        .map((ring) => inSteps(clippedRing(ring.points, edges)))
        .filter((ring) => ring.length > 4);
      if (land.length === 0) continue;
      const lines = borders.filter(near).flatMap((line) => clippedLine(line.points, edges).map(inSteps));
      tiles.set(`${west}_${south}.json`, JSON.stringify({ land, borders: lines }));
    }
  }
  return tiles;
}

/** Puts the tiles under assets/land/, and tells the page which there are. */
export function backdrop(): Plugin {
  const id = "virtual:backdrop";
  return {
    name: "backdrop",
    apply: "build",
    resolveId: (source) => (source === id ? `\0${id}` : null),
    load(source) {
      if (source !== `\0${id}`) return null;
      const tiles = backdropTiles();
      for (const [name, json] of tiles) {
        this.emitFile({ type: "asset", fileName: `assets/land/${name}`, source: json });
      }
      const names = [...tiles.keys()].map((name) => name.replace(".json", "")).join(" ");
      return `export const TILES = new Set(${JSON.stringify(names)}.split(" "));`;
    },
  };
}
