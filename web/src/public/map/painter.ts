// Who paints the map: a worker where the browser can, else the page itself.

import { Easel, type SheetName, type Told } from "./easel";
import type { Answer, Word } from "./painting";
import type { Sight } from "./sight";

export type Image = ImageBitmap | HTMLCanvasElement;

interface Hand {
  tell(told: Told, transfer: Transferable[]): void;
  paint(sheet: SheetName, sight: Sight): Promise<Image>;
  end(): void;
}

// A worker whose script does not come by then is not waited for.
const READY_MS_MAX = 8_000;
// What is not painted by then never is: the system has ended the worker, or it hangs.
const PAINTED_MS_MAX = 20_000;

class InWorker implements Hand {
  private readonly waiting = new Map<SheetName, { done: (image: Image) => void; failed: (error: Error) => void }>();

  constructor(private readonly worker: Worker) {
    worker.addEventListener("message", ({ data }: MessageEvent<Answer>) => {
      if ("sheet" in data) this.waiting.get(data.sheet)?.done(data.image);
    });
    worker.addEventListener("error", ({ message }) => {
      for (const { failed } of this.waiting.values()) failed(new Error(message));
    });
  }

  tell(told: Told, transfer: Transferable[]): void {
    this.worker.postMessage({ told } satisfies Word, transfer);
  }

  paint(sheet: SheetName, sight: Sight): Promise<Image> {
    return new Promise((done, failed) => {
      this.waiting.set(sheet, { done, failed });
      setTimeout(() => failed(new Error("the painting worker is silent")), PAINTED_MS_MAX);
      this.worker.postMessage({ sheet, sight } satisfies Word);
    });
  }

  end(): void {
    this.worker.terminate();
  }
}

class InPage implements Hand {
  private readonly easel = new Easel();

  tell(told: Told): void {
    this.easel.tell(told);
  }

  async paint(sheet: SheetName, sight: Sight): Promise<Image> {
    const canvas = document.createElement("canvas");
    this.easel.paint(sheet, sight, canvas);
    return canvas;
  }

  end(): void {}
}

/** A worker that can paint, or null: there is none, or it cannot. */
function readyWorker(): Promise<Worker | null> {
  if (!("OffscreenCanvas" in window) || !("ImageBitmapRenderingContext" in window)) return Promise.resolve(null);
  return new Promise((done) => {
    const worker = new Worker(new URL("./painting.ts", import.meta.url), { type: "classic" });
    const decide = (able: boolean) => {
      if (!able) worker.terminate();
      done(able ? worker : null);
    };
    worker.addEventListener("message", ({ data }: MessageEvent<Answer>) => decide("able" in data && data.able), { once: true });
    worker.addEventListener("error", () => decide(false), { once: true });
    setTimeout(() => done(null), READY_MS_MAX);
  });
}

/** Paints what it was told, in the order in which it was told and asked. */
export class Painter {
  private readonly hand: Promise<Hand> = readyWorker()
    .catch(() => null)
    .then((worker) => (worker === null ? new InPage() : new InWorker(worker)));

  tell(told: Told, transfer: Transferable[] = []): void {
    this.hand.then((hand) => hand.tell(told, transfer));
  }

  /** What a sheet looks like; one order for a sheet at a time. Fails where nothing comes. */
  async paint(sheet: SheetName, sight: Sight): Promise<Image> {
    return (await this.hand).paint(sheet, sight);
  }

  end(): void {
    this.hand.then((hand) => hand.end());
  }
}
