// A plain map to point at: land, borders, zones, one mark. Everything of it comes from our own service, and is kept.

import L from "leaflet";
import "leaflet/dist/leaflet.css";
import { addBackdrop } from "../../public/map/backdrop";
import { readPalette } from "../../public/map/paint";
import { Painter } from "../../public/map/painter";
import { boxAround, type Zones } from "../../shared/model/outlines";
import type { Place } from "../model/report";

const ZOOM_MAX = 15;
const ZOOM_NEAR = 12;

export class PlaceMap {
  private readonly map: L.Map;
  private readonly painter = new Painter();
  private readonly watcher: ResizeObserver;
  private readonly mark: L.CircleMarker;
  private readonly own: L.CircleMarker;
  private outlines: L.Polyline | null = null;

  constructor(frame: HTMLElement, tap: (place: Place) => void) {
    const palette = readPalette();
    this.map = L.map(frame, { attributionControl: false, zoomControl: false, maxZoom: ZOOM_MAX }).setView([30, 20], 3);
    L.control.zoom({ position: "bottomright" }).addTo(this.map);
    L.control.scale({ imperial: false }).addTo(this.map);
    this.painter.tell({ palette });
    addBackdrop(this.map, this.painter);
    const look = { radius: 11, weight: 4, color: palette.ink, fillOpacity: 0.9, interactive: false };
    this.mark = L.circleMarker([0, 0], { ...look, fillColor: palette.looks.take_cover });
    this.own = L.circleMarker([0, 0], { ...look, radius: 6, weight: 2, fillColor: palette.looks.all_clear });
    this.map.on("click", ({ latlng }) => {
      // How far a finger's breadth is on the ground.
      const beside = this.map.containerPointToLatLng(this.map.latLngToContainerPoint(latlng).add([12, 0]));
      tap({ lat: latlng.lat, lon: L.Util.wrapNum(latlng.lng, [-180, 180], true), accuracy_m: Math.round(latlng.distanceTo(beside)) });
    });
    this.watcher = new ResizeObserver(() => this.map.invalidateSize());
    this.watcher.observe(frame);
  }

  remove(): void {
    this.watcher.disconnect();
    this.map.remove();
    this.painter.end();
  }

  setZones(zones: Zones): void {
    this.outlines?.remove();
    const rings = [...zones.values()].flatMap(({ polygons }) =>
      polygons.flatMap((polygon) => polygon.map((ring) => ring.map(([lon, lat]): L.LatLngTuple => [lat, lon]))),
    );
    const renderer = L.canvas({ padding: 0.3 });
    this.outlines = L.polyline(rings, { renderer, color: readPalette().line, weight: 1.2, interactive: false }).addTo(this.map);
    const box = boxAround(zones.values());
    if (box !== null) this.map.fitBounds([[box[1], box[0]], [box[3], box[2]]], { animate: false });
  }

  lookAt({ lat, lon }: { lat: number; lon: number }): void {
    this.map.setView([lat, lon], ZOOM_NEAR, { animate: false });
  }

  middle(): Place {
    const { lat, lng } = this.map.getCenter();
    return { lat, lon: L.Util.wrapNum(lng, [-180, 180], true), accuracy_m: 500 };
  }

  show(mark: Place | null, own: Place | null): void {
    for (const [one, place] of [
      [this.own, own],
      [this.mark, mark],
    ] as const) {
      if (place === null) one.remove();
      else one.setLatLng([place.lat, place.lon]).addTo(this.map);
    }
  }
}
