// What the service is asked, and how far its clock is from this one.

import * as kept from "./kept";
import type { Fate, Report } from "./report";
import { wire } from "./report";

const TIMEOUT_MS = 15_000;

export interface Receipt {
  readonly id: string | null;
  readonly state: Fate | "refused" | "later" | "unknown";
  readonly why: string | null;
}

/** An answer that is no yes. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly waitS: number,
  ) {
    super(`answered ${status}`);
  }
}

/** A request, its answer's body, and the service's clock as learned on the way. Rejects with Refused, or without a line. */
async function ask<T extends { now?: string }>(method: string, path: string, secret: string | null, body?: object): Promise<T> {
  const giveUp = new AbortController();
  const timer = setTimeout(() => giveUp.abort(), TIMEOUT_MS);
  const askedMs = Date.now();
  try {
    const response = await fetch(path, {
      method,
      signal: giveUp.signal,
      cache: "no-store",
      credentials: "omit",
      headers: {
        ...(secret === null ? {} : { authorization: `Bearer ${secret}` }),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const told = (await response.json().catch(() => ({}))) as T;
    if (told.now !== undefined) {
      // The answer was written about halfway between.
      await kept.write("offsetMs", Date.parse(told.now) - (askedMs + Date.now()) / 2);
    }
    if (!response.ok) throw new Refused(response.status, Number(response.headers.get("retry-after") ?? 5));
    return told;
  } finally {
    clearTimeout(timer);
  }
}

export const enrol = (code: string, secret: string) => ask<{ now: string }>("POST", "/v1/spotter/enrol", null, { code, secret });

/** Learns the time, and whether all is a drill. */
export const state = (secret: string) => ask<{ now: string; drill: boolean }>("GET", "/v1/spotter/state", secret);

export async function send(secret: string, batch: readonly Report[]): Promise<readonly Receipt[]> {
  const sent = new Date(Date.now() + ((await kept.read("offsetMs")) ?? 0)).toISOString();
  const body = { sent, reports: batch.map(wire) };
  return (await ask<{ now: string; receipts: Receipt[] }>("POST", "/v1/spotter/reports", secret, body)).receipts;
}

export async function receipts(secret: string, ids: readonly string[]): Promise<readonly Receipt[]> {
  const path = `/v1/spotter/receipts?ids=${ids.join(",")}`;
  return (await ask<{ now: string; receipts: Receipt[] }>("GET", path, secret)).receipts;
}
