// Everything that needs MapLibre: loaded by itself, after the page.

import "maplibre-gl/dist/maplibre-gl.css";

export { Chart } from "./chart";
export { Draw } from "./draw";
