// A sheet over the map: what was last painted of it, moved and enlarged with the map until the next is there.

import L from "leaflet";
import type { SheetName } from "./easel";
import type { Image, Painter } from "./painter";
import type { Sight } from "./sight";

interface Innards {
  _animatingZoom?: boolean;
  _getNewPixelOrigin(center: L.LatLng, zoom: number): L.Point;
}

export interface SheetOptions {
  readonly pane: string;
  /** So much more than the screen shows is painted on each side, in parts of it. */
  readonly padding: number;
  /** Whether it is hidden while the map is enlarged: letters are not enlarged. */
  readonly letters?: boolean;
}

export class Sheet extends L.Layer {
  private canvas = document.createElement("canvas");
  private shown: Sight | null = null;
  private asked = 0;
  private busy = false;
  private again = false;

  constructor(
    private readonly painter: Painter,
    private readonly name: SheetName,
    private readonly how: SheetOptions,
  ) {
    super();
  }

  override onAdd(map: L.Map): this {
    map.getPane(this.how.pane)?.append(this.canvas);
    this.canvas.className = "leaflet-zoom-animated";
    map.on("moveend resize viewreset", this.redraw, this);
    this.redraw();
    return this;
  }

  override onRemove(map: L.Map): this {
    map.off("moveend resize viewreset", this.redraw, this);
    cancelAnimationFrame(this.asked);
    this.canvas.remove();
    return this;
  }

  override getEvents(): Record<string, L.LeafletEventHandlerFn> {
    return {
      viewreset: this.follow,
      zoom: this.follow,
      zoomanim: (event) => this.place((event as L.ZoomAnimEvent).center, (event as L.ZoomAnimEvent).zoom),
      zoomstart: () => this.how.letters && this.clear(),
    };
  }

  /** Has it painted with the next frame, once; what is asked for meanwhile comes after it. */
  readonly redraw = (): void => {
    this.asked ||= requestAnimationFrame(() => {
      this.asked = 0;
      this.paint();
    });
  };

  private get sight(): Sight {
    const { _map: map, how } = this;
    const size = map.getSize();
    const first = map.containerPointToLayerPoint(size.multiplyBy(-how.padding)).round();
    const { x: left, y: top } = map.getPixelOrigin().add(first);
    const { x: width, y: height } = size.multiplyBy(1 + 2 * how.padding).round();
    return { zoom: map.getZoom(), left, top, width, height, ratio: devicePixelRatio || 1 };
  }

  private isMoving(): boolean {
    return (this._map as unknown as Innards)._animatingZoom === true;
  }

  private async paint(): Promise<void> {
    // What moves comes to rest, and asks again then.
    if (!this._map || this.isMoving()) return;
    this.again = this.busy;
    if (this.busy) return;
    this.busy = true;
    const { sight } = this;
    if (sight.width > 0 && sight.height > 0) await this.painter.paint(this.name, sight).then((image) => this.show(image, sight), this.fail);
    this.busy = false;
    if (this.again) this.redraw();
  }

  private show(image: Image, sight: Sight): void {
    if (!this._map || this.isMoving()) {
      if ("close" in image) image.close();
      return;
    }
    if ("close" in image) {
      [this.canvas.width, this.canvas.height] = [image.width, image.height];
      this.canvas.getContext("bitmaprenderer")?.transferFromImageBitmap(image);
    } else {
      image.className = this.canvas.className;
      this.canvas.replaceWith(image);
      this.canvas = image;
    }
    this.canvas.style.width = `${sight.width}px`;
    this.canvas.style.height = `${sight.height}px`;
    this.shown = sight;
    this.follow();
  }

  /** An old picture of how zones stand is worse than none. */
  private readonly fail = (error: unknown): void => {
    console.warn("tocsin: the map could not be painted", error);
    this.clear();
    this.again = true;
  };

  private clear(): void {
    this.shown = null;
    this.canvas.style.width = this.canvas.style.height = "0";
  }

  private readonly follow = (): void => {
    this.place(this._map.getCenter(), this._map.getZoom());
  };

  private place(center: L.LatLng, zoom: number): void {
    if (this.shown === null) return;
    const scale = this._map.getZoomScale(zoom, this.shown.zoom);
    const origin = (this._map as unknown as Innards)._getNewPixelOrigin(center, zoom);
    L.DomUtil.setTransform(this.canvas, new L.Point(this.shown.left, this.shown.top).multiplyBy(scale).subtract(origin), scale);
  }
}
