// The easel in a worker: hears what to paint, and answers each order with an image.

import { Easel, type SheetName, type Told } from "./easel";
import type { Sight } from "./sight";

declare const self: DedicatedWorkerGlobalScope;

/** From the page. */
export type Word = { readonly told: Told } | { readonly sheet: SheetName; readonly sight: Sight };
/** To the page: first whether this can be done here, then what was asked for. */
export type Answer = { readonly able: boolean } | { readonly sheet: SheetName; readonly image: ImageBitmap };

const say = (answer: Answer, transfer: Transferable[] = []): void => self.postMessage(answer, transfer);

// Some browsers have a canvas in workers but nothing to draw on it with.
const able = (): boolean => new OffscreenCanvas(1, 1).getContext("2d") !== null && "Path2D" in self && "DOMMatrix" in self;

const easel = new Easel();

self.addEventListener("message", ({ data }: MessageEvent<Word>) => {
  if ("told" in data) {
    easel.tell(data.told);
    return;
  }
  const canvas = new OffscreenCanvas(1, 1);
  easel.paint(data.sheet, data.sight, canvas);
  const image = canvas.transferToImageBitmap();
  say({ sheet: data.sheet, image }, [image]);
});
say({ able: "OffscreenCanvas" in self && able() });
