// What the map is made of, from bottom to top. Tracks lie over it: see sky.ts.

import type { FeatureCollection } from "geojson";
import type { ExpressionSpecification, LayerSpecification, StyleSpecification, SymbolLayerSpecification } from "maplibre-gl";
import type { Palette } from "./palette";

const EMPTY: FeatureCollection = { type: "FeatureCollection", features: [] };
const SOURCES = ["land", "borders", "blind", "names", "levels", "reach", "sensors", "draft"] as const;
// Machines at desks may draw without a graphics card, where every corner costs: none nearer than this to the straight
// line is drawn, and little twice at the seams of tiles. Pixels, and 512ths of a tile.
const COARSE = { tolerance: 1, buffer: 32 };
const FONT = ["system-ui"];

// Where nobody could be in shelter in time; a warning's own colours go before.
const LACKING_OPACITY = 0.75;

const state = (name: string): ExpressionSpecification => ["feature-state", name];

function fills(palette: Palette): ExpressionSpecification {
  const { take_cover, prepare, all_clear, calm } = palette;
  return ["match", ["coalesce", state("level"), "none"], "take_cover", take_cover, "prepare", prepare, "all_clear", all_clear, calm];
}

function ground(palette: Palette): LayerSpecification[] {
  return [
    { id: "sea", type: "background", paint: { "background-color": palette.sea } },
    { id: "land", type: "fill", source: "land", paint: { "fill-color": palette.land, "fill-antialias": false } },
    { id: "borders", type: "line", source: "borders", paint: { "line-color": palette.border, "line-width": 1.4, "line-dasharray": [4, 3] } },
  ];
}

function zones(palette: Palette): LayerSpecification[] {
  const opacity: ExpressionSpecification = ["match", ["coalesce", state("level"), "none"], "take_cover", 0.62, "prepare", 0.5, "all_clear", 0.4, 0.25];
  const lacking: ExpressionSpecification = [
    "case", ["==", ["coalesce", state("level"), "none"], "none"], ["*", LACKING_OPACITY, ["coalesce", state("lacking"), 0]], 0,
  ];
  const edge: ExpressionSpecification = ["case", ["boolean", state("chosen"), false], palette.chosen, palette.line];
  const width: ExpressionSpecification = ["case", ["boolean", state("chosen"), false], 3, 0.8];
  return [
    { id: "zones", type: "fill", source: "zones", paint: { "fill-color": fills(palette), "fill-opacity": opacity, "fill-antialias": false } },
    {
      id: "lacking", type: "fill", source: "zones", layout: { visibility: "none" },
      paint: { "fill-color": palette.lacking, "fill-opacity": lacking, "fill-antialias": false },
    },
    { id: "blind", type: "fill", source: "blind", paint: { "fill-pattern": "hatch" } },
    { id: "edges", type: "line", source: "zones", paint: { "line-color": edge, "line-width": width } },
  ];
}

function sensors(palette: Palette): LayerSpecification[] {
  return [
    { id: "reach", type: "line", source: "reach", paint: { "line-color": palette.sensor, "line-width": 1, "line-opacity": 0.5, "line-dasharray": [2, 3] } },
    { id: "sensors", type: "symbol", source: "sensors", layout: { "icon-image": ["get", "sign"], "icon-size": 0.85, "icon-allow-overlap": true } },
  ];
}

function signs(palette: Palette): LayerSpecification[] {
  const text = { "text-color": palette.text, "text-halo-color": palette.halo, "text-halo-width": 1.4 };
  const name = {
    "text-field": ["get", "name"], "text-font": FONT, "text-size": 12, "text-offset": [0, 1.1], "text-anchor": "top",
    "symbol-sort-key": ["get", "order"],
  } satisfies SymbolLayerSpecification["layout"];
  return [
    {
      id: "names", type: "symbol", source: "names", paint: text,
      layout: { ...name, "text-padding": 10 },
    },
    {
      id: "levels", type: "symbol", source: "levels", paint: text,
      layout: { ...name, "text-optional": true, "icon-image": ["get", "sign"], "icon-size": 0.8, "icon-allow-overlap": true },
    },
    { id: "draft", type: "fill", source: "draft", paint: { "fill-color": palette.chosen, "fill-opacity": 0.2 } },
    { id: "draft-edge", type: "line", source: "draft", paint: { "line-color": palette.chosen, "line-width": 2.5, "line-dasharray": [3, 2] } },
  ];
}

export function styleOf(palette: Palette): StyleSpecification {
  const sources = Object.fromEntries(SOURCES.map((name) => [name, { type: "geojson" as const, data: EMPTY, ...COARSE }]));
  return {
    version: 8,
    sources: { ...sources, zones: { type: "geojson", data: EMPTY, promoteId: "id", ...COARSE } },
    layers: [...ground(palette), ...zones(palette), ...sensors(palette), ...signs(palette)],
  };
}
