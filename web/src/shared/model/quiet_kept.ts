// Where page and service worker keep what makes this device silent: a worker has no other storage.

import { LOUD, type Quiet } from "./quiet";

const CACHE = "tocsin.quiet";
const AT = "/quiet";

export async function keepQuiet(quiet: Quiet): Promise<void> {
  const cache = await caches.open(CACHE);
  await cache.put(AT, new Response(JSON.stringify(quiet)));
}

export async function quietKept(): Promise<Quiet> {
  const found = await (await caches.open(CACHE)).match(AT);
  const { pausedUntilMs, safe, safeZones } = ((await found?.json()) ?? LOUD) as Quiet;
  return {
    pausedUntilMs: typeof pausedUntilMs === "number" ? pausedUntilMs : 0,
    safe: typeof safe === "object" && safe !== null ? safe : {},
    safeZones: Array.isArray(safeZones) ? safeZones : [],
  };
}
