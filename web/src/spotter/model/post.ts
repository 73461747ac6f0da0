// The device as a page sees it: whether it has joined, what it has reported, and whether there is a line.

import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import * as kept from "./kept";
import { type Body, chance, HELD_MS, made, open, type Report } from "./report";
import { flush, type Line } from "./sending";
import { enrol, Refused } from "./service";

const AGAIN_MS = 10_000;
const unsent = (error: unknown) => console.warn("tocsin: nothing could be sent", error);

export type Joined = "loading" | "no" | "yes";
export type Join = "joined" | "used" | "no_line" | "not_here" | "wait";

export interface Post {
  readonly joined: Joined;
  readonly line: Line;
  readonly reports: readonly Report[];
  readonly join: (code: string) => Promise<Join>;
  readonly report: (body: Body) => Promise<Report>;
  readonly takeBack: (id: string) => Promise<void>;
}

export function usePost(): Post {
  const [joined, setJoined] = useState<Joined>("loading");
  const [line, setLine] = useState<Line>({ kind: "up", drill: null, waitMs: 0 });
  const [reports, setReports] = useState<readonly Report[]>([]);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);

  const look = useCallback(async () => setReports(await kept.reports()), []);
  const tend = useCallback(async () => {
    clearTimeout(timer.current);
    const found = await flush();
    setLine(found);
    await look();
    const busy = (await kept.reports()).some((one) => one.state === "waiting" || open(one, Date.now()));
    if (busy && found.kind !== "revoked") timer.current = setTimeout(() => tend().catch(unsent), Math.max(AGAIN_MS, found.waitMs));
  }, [look]);

  useEffect(() => {
    kept.read("secret").then(
      (secret) => setJoined(secret === null ? "no" : "yes"),
      () => setJoined("no"),
    );
    return () => clearTimeout(timer.current);
  }, []);
  useEffect(() => {
    if (joined !== "yes") return;
    const wake = () => void tend().catch(unsent);
    wake();
    addEventListener("online", wake);
    document.addEventListener("visibilitychange", wake);
    return () => {
      removeEventListener("online", wake);
      document.removeEventListener("visibilitychange", wake);
    };
  }, [joined, tend]);

  const join = async (code: string): Promise<Join> => {
    // Kept before it is sent: an answer that is lost on the way can be asked for again.
    const secret = pending.get(code) ?? chance(32);
    pending.set(code, secret);
    try {
      await enrol(code, secret);
    } catch (error) {
      if (!(error instanceof Refused)) return "no_line";
      return error.status === 404 ? "not_here" : error.status === 429 ? "wait" : "used";
    }
    await kept.write("secret", secret);
    await kept.write("revoked", false);
    setJoined("yes");
    return "joined";
  };
  const report = async (body: Body): Promise<Report> => {
    const one = made(body, Date.now(), line.kind === "up" ? await kept.read("offsetMs") : null);
    await kept.put(one);
    await look();
    clearTimeout(timer.current);
    timer.current = setTimeout(() => tend().catch(unsent), HELD_MS + 50);
    askForSync();
    return one;
  };
  const takeBack = async (id: string): Promise<void> => {
    await kept.drop(id);
    await look();
  };
  return { joined, line, reports, join, report, takeBack };
}

const pending = new Map<string, string>();

/** Where the browser can, it wakes the service worker when the line is back, also after this page is closed. */
function askForSync(): void {
  navigator.serviceWorker?.ready
    .then((found) => (found as unknown as { sync?: { register(tag: string): Promise<void> } }).sync?.register("reports"))
    .catch(() => undefined);
}
