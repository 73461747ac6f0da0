// Sends what waits, and asks what came of it. No part of a page: the service worker does the same when the line is back.

import * as kept from "./kept";
import { open, type Report, SHOWN_MS, timed } from "./report";
import { type Receipt, Refused, receipts, send, state } from "./service";

const BATCH_MAX = 50;
// After a night without a line everything has come by then.
const BATCHES_MAX = 20;

export interface Line {
  readonly kind: "up" | "down" | "revoked";
  readonly drill: boolean | null;
  /** Do not ask again before. */
  readonly waitMs: number;
}

/** One at a time, whoever calls: two would send the same twice, which is harmless, and slow. */
export async function flush(): Promise<Line> {
  if (!("locks" in navigator)) return flushed();
  return navigator.locks.request("tocsin.sending", flushed);
}

async function flushed(): Promise<Line> {
  const secret = await kept.read("secret");
  if (secret === null || (await kept.read("revoked"))) return { kind: "revoked", drill: null, waitMs: 0 };
  try {
    const { drill } = await state(secret);
    for (let i = 0; i < BATCHES_MAX && (await sendSome(secret)); i++);
    await learn(secret);
    await tidy();
    return { kind: "up", drill, waitMs: 0 };
  } catch (error) {
    if (error instanceof Refused && (error.status === 401 || error.status === 403)) {
      await end();
      return { kind: "revoked", drill: null, waitMs: 0 };
    }
    return { kind: "down", drill: null, waitMs: error instanceof Refused ? error.waitS * 1_000 : 0 };
  }
}

/** Sends one batch; whether another may be sent now. */
async function sendSome(secret: string): Promise<boolean> {
  const nowMs = Date.now();
  const waiting = (await kept.reports()).filter((one) => one.state === "waiting" && one.heldMs <= nowMs).reverse();
  if (waiting.length === 0) return false;
  const offsetMs = (await kept.read("offsetMs")) ?? 0;
  const batch = waiting.slice(0, BATCH_MAX).map((one) => timed(one, offsetMs));
  for (const one of batch) await kept.put(one);
  let told: readonly Receipt[];
  try {
    told = await send(secret, batch);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    // It was told the time, and has taken nothing: the times of these are worked out anew.
    if (error.status === 409) for (const one of batch) await kept.put({ ...one, time: null, offsetMs: null });
    else if (error.status === 400 || error.status === 413) for (const one of batch) await settle(one, "refused", "malformed");
    else throw error;
    return false;
  }
  let later = false;
  for (const [k, one] of batch.entries()) {
    const receipt = told[k];
    if (receipt === undefined || receipt.state === "later" || receipt.state === "unknown") later = true;
    else await settle(one, receipt.state, receipt.why);
  }
  return !later && waiting.length > BATCH_MAX;
}

/** Where it was is forgotten: the service has it, or will never. */
async function settle(report: Report, state: Report["state"], why: string | null): Promise<void> {
  await kept.put({ ...report, state, why, body: null });
}

async function learn(secret: string): Promise<void> {
  const asked = (await kept.reports()).filter((one) => open(one, Date.now())).slice(0, BATCH_MAX);
  if (asked.length === 0) return;
  const told = await receipts(
    secret,
    asked.map(({ id }) => id),
  );
  for (const [k, one] of asked.entries()) {
    const state = told[k]?.state;
    if (state === undefined || state === "unknown" || state === "later" || state === one.state) continue;
    await kept.put({ ...one, state });
  }
}

async function tidy(): Promise<void> {
  for (const { id, capturedMs } of await kept.reports()) if (Date.now() - capturedMs > SHOWN_MS) await kept.drop(id);
}

/** Revoked: what waits is not taken, and nothing of it stays here. */
async function end(): Promise<void> {
  await kept.write("revoked", true);
  for (const one of await kept.reports()) if (one.state === "waiting") await settle(one, "refused", "revoked");
}
