// A canvas under the names, drawn in one go. Outlines are paths of a map of the whole world, which the browser itself
// enlarges: nothing is projected anew when the map is moved. For a country's zones that took a phone seconds.

import L from "leaflet";
import type { Box } from "../../shared/model/outlines";

interface Innards {
  _map: L.Map & { _animatingZoom?: boolean };
  _bounds: L.Bounds | undefined;
  _container: HTMLCanvasElement;
  _update(): void;
}

export interface Sight {
  readonly ink: CanvasRenderingContext2D;
  /** Pixels of the canvas for one of the page. */
  readonly ratio: number;
  /** The whole zoom that is drawn for, and what is in sight of the map of the world. */
  readonly zoom: number;
  readonly box: Box;
  /** A path of the map of the world on this canvas. */
  moved(path: Path2D): Path2D;
}

export abstract class Painted extends L.Renderer {
  private asked = 0;

  protected abstract paint(sight: Sight): void;

  /** Draws with the next frame, once. */
  redraw(): void {
    this.asked ||= requestAnimationFrame(() => this.draw());
  }

  /** The whole zoom that would be drawn for now. */
  protected get zoom(): number {
    return Math.ceil((this as unknown as Innards)._map.getZoom());
  }

  // Leaflet calls the following when it makes, moves and removes the layer.

  protected _initContainer(): void {
    (this as unknown as Innards)._container = document.createElement("canvas");
  }

  protected _destroyContainer(): void {
    cancelAnimationFrame(this.asked);
    (this as unknown as Innards)._container.remove();
  }

  protected _update(): void {
    const innards = this as unknown as Innards;
    if (innards._map._animatingZoom && innards._bounds) return;
    (L.Renderer.prototype as unknown as Innards)._update.call(this);
    const { _bounds: bounds, _container: canvas } = innards;
    if (bounds === undefined) return;
    const { x, y } = bounds.getSize();
    const ratio = devicePixelRatio || 1;
    L.DomUtil.setPosition(canvas, bounds.min as L.Point);
    canvas.width = x * ratio;
    canvas.height = y * ratio;
    canvas.style.width = `${x}px`;
    canvas.style.height = `${y}px`;
    this.draw();
  }

  private draw(): void {
    cancelAnimationFrame(this.asked);
    this.asked = 0;
    const { _map: map, _bounds: bounds, _container: canvas } = this as unknown as Innards;
    const ink = canvas?.getContext("2d");
    if (!map || !bounds || !ink) return;
    const ratio = devicePixelRatio || 1;
    const zoom = map.getZoom();
    const scale = 2 ** zoom;
    const [size, corner] = [bounds.getSize(), map.getPixelOrigin().add(bounds.min as L.Point)];
    const [left, top] = [corner.x / scale, corner.y / scale];
    const matrix = new DOMMatrix([ratio * scale, 0, 0, ratio * scale, -ratio * corner.x, -ratio * corner.y]);
    ink.clearRect(0, 0, canvas.width, canvas.height);
    ink.lineJoin = "round";
    this.paint({
      ...{ ink, ratio, zoom: Math.ceil(zoom) },
      box: [left, top, left + size.x / scale, top + size.y / scale],
      moved: (path) => {
        const shown = new Path2D();
        shown.addPath(path, matrix);
        return shown;
      },
    });
  }
}

export const isIn = (box: Box, sight: Box): boolean =>
  box[0] <= sight[2] && box[2] >= sight[0] && box[1] <= sight[3] && box[3] >= sight[1];
