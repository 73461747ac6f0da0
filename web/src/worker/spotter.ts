// The spotters' service worker: the page without a line, and what waits sent when the line is back.

import { end } from "../spotter/model/kept";
import { flush } from "../spotter/model/sending";

declare const self: ServiceWorkerGlobalScope;

const CACHE = "tocsin.post";
const PAGE = "/spotter";
const BESIDE = ["/v1/outlines"];
// A bad line is no line: what is kept is shown then.
const WAIT_MS = 4_000;
// Until the last page is closed this worker runs on, and must leave nothing behind.
let erased = false;

self.addEventListener("install", (event) => {
  self.skipWaiting();
  event.waitUntil(begin());
});

/** The page and what it begins with: half of it would be an empty screen. */
async function begin(): Promise<void> {
  const cache = await caches.open(CACHE);
  const page = await fetch(PAGE, { cache: "no-cache" });
  const named = (await page.clone().text()).matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g);
  await cache.addAll([...named].map(([, path]) => path as string));
  await cache.put(PAGE, page);
}

self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

// The page says what it is made of, in its language: that is what it needs without a line. All else is of an older one.
self.addEventListener("message", (event) => {
  const paths: unknown = event.data;
  if (paths === "erase") {
    erased = true;
    end();
    event.waitUntil(caches.delete(CACHE));
  }
  if (!Array.isArray(paths)) return;
  event.waitUntil(keep(paths.filter((one) => typeof one === "string" && one.startsWith("/assets/")).slice(0, 100)));
});

async function keep(paths: string[]): Promise<void> {
  const cache = await caches.open(CACHE);
  const wanted = [PAGE, ...BESIDE, ...paths];
  for (const { url } of await cache.keys()) if (!wanted.includes(new URL(url).pathname)) await cache.delete(url);
  for (const path of wanted) if ((await cache.match(path)) === undefined) await cache.add(path).catch(() => undefined);
}

self.addEventListener("fetch", (event) => {
  const { method, mode, url } = event.request;
  const { origin, pathname } = new URL(url);
  if (erased || method !== "GET" || origin !== self.location.origin) return;
  if (mode === "navigate" || BESIDE.includes(pathname)) event.respondWith(newest(event, pathname));
  else if (pathname.startsWith("/assets/")) event.respondWith(kept(event.request));
});

async function newest(event: FetchEvent, pathname: string): Promise<Response> {
  const cache = await caches.open(CACHE);
  const old = await cache.match(pathname);
  const asked = fetch(event.request).then(async (found) => {
    if (found.ok && !erased) await cache.put(pathname, found.clone());
    return found;
  });
  if (old === undefined) return asked;
  event.waitUntil(asked.catch(() => undefined));
  const late = new Promise<Response>((resolve) => setTimeout(resolve, WAIT_MS, old));
  return Promise.race([asked.then((found) => (found.ok ? found : old)).catch(() => old), late]);
}

/** Names of assets change with what they hold: what is kept is right. */
async function kept(request: Request): Promise<Response> {
  const cache = await caches.open(CACHE);
  const old = await cache.match(request);
  if (old !== undefined) return old;
  const found = await fetch(request);
  if (found.ok && !erased) await cache.put(request, found.clone());
  return found;
}

self.addEventListener("sync", (event) => {
  if (!erased) (event as ExtendableEvent).waitUntil(flush());
});
