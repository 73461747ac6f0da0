// Land and borders under the zones, fetched tile by tile from our own service. The map is complete without them.

import { TILES } from "virtual:backdrop";
import type L from "leaflet";
import { TILE_DEG } from "../../shared/model/tiles";
import type { Painter } from "./painter";
import { Sheet } from "./sheet";

// A view over more than this many tiles is the whole world; the zones are then too small to be looked for.
const TILES_AT_ONCE_MAX = 20;

function wanted(map: L.Map): string[] {
  const bounds = map.getBounds();
  const first = (deg: number) => Math.floor(deg / TILE_DEG) * TILE_DEG;
  const names: string[] = [];
  for (let west = first(bounds.getWest()); west <= bounds.getEast(); west += TILE_DEG) {
    for (let south = first(bounds.getSouth()); south <= bounds.getNorth(); south += TILE_DEG) {
      names.push(`${west}_${south}`);
    }
  }
  return names.filter((name) => TILES.has(name));
}

/** Fetches what comes into sight, and has it painted on a sheet of its own. */
export function addBackdrop(map: L.Map, painter: Painter): Sheet {
  map.createPane("backdrop").style.zIndex = "200";
  const sheet = new Sheet(painter, "land", { pane: "backdrop", padding: 0.2 }).addTo(map);
  const known = new Set<string>();
  let coming = 0;
  const take = async (name: string) => {
    const response = await fetch(`/assets/land/${name}.json`);
    if (!response.ok) throw new Error(`${name} was answered with ${response.status}`);
    const tile = await response.arrayBuffer();
    painter.tell({ tile }, [tile]);
  };
  map.on("moveend", () => {
    const names = wanted(map);
    if (names.length > TILES_AT_ONCE_MAX) return;
    for (const name of names.filter((tile) => !known.has(tile))) {
      known.add(name);
      coming += 1;
      take(name)
        .catch(() => known.delete(name))
        // Drawn once, when the last has come.
        .finally(() => --coming === 0 && sheet.redraw());
    }
  });
  return sheet;
}
