// The page as it is kept on the device: one version whole, beside it the one before for pages that are still open, and
// what they fetched. How zones stand is never kept here: an old word must not look like a new one.

import { FILES, VERSION } from "virtual:shell";

const PREFIX = "tocsin.shell.";
const CACHE = `${PREFIX}${VERSION}`;
// Beside the page: outlines and shelters, which the page needs without a line and which seldom change.
const DATA = "tocsin.data";
const DATA_PATHS: ReadonlySet<string> = new Set(["/v1/outlines", "/v1/shelters"]);
const FETCHED_MAX = 120;

export async function install(): Promise<void> {
  const cache = await caches.open(CACHE);
  // Past the browser's own cache: a version is whole, or it is not installed.
  await cache.addAll(FILES.map((path) => new Request(path, { cache: "reload" })));
}

/** Forgets all versions but this one and the one before it: open pages may still ask for parts of that. */
export async function tidy(): Promise<void> {
  const kept = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== CACHE);
  await Promise.all(kept.slice(0, -1).map((name) => caches.delete(name)));
}

/** Keeps what a page fetched before this worker was there: its language, the map. */
export async function keepSeen(urls: readonly unknown[], origin: string): Promise<void> {
  const cache = await caches.open(CACHE);
  const wanted = urls.filter((url): url is string => typeof url === "string" && isPart(new URL(url, origin), origin));
  const data = urls.filter((url): url is string => typeof url === "string" && DATA_PATHS.has(new URL(url, origin).pathname));
  for (const url of wanted.slice(0, FETCHED_MAX)) {
    if ((await caches.match(url)) === undefined) await cache.add(url).catch(() => undefined);
  }
  for (const url of data) await (await caches.open(DATA)).add(url).catch(() => undefined);
}

const isPart = ({ origin, pathname }: URL, own: string): boolean => origin === own && pathname.startsWith("/assets/");

/** The answer to a request of a page, or null: it is none of ours. */
export function answerTo(request: Request, origin: string): Promise<Response> | null {
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== origin) return null;
  if (request.mode === "navigate") return url.pathname === "/" ? kept("/", request) : null;
  if (isPart(url, origin) || FILES.includes(url.pathname)) return kept(url.pathname, request);
  return DATA_PATHS.has(url.pathname) ? newest(url.pathname, request) : null;
}

/** From the device; else from the service, and kept. */
async function kept(path: string, request: Request): Promise<Response> {
  const cache = await caches.open(CACHE);
  const found = (await cache.match(path)) ?? (await caches.match(path));
  if (found !== undefined) return found;
  const answer = await fetch(request);
  if (answer.ok && path !== "/" && (await cache.keys()).length < FETCHED_MAX) await cache.put(path, answer.clone());
  return answer;
}

/** From the service; from the device where that does not answer. */
async function newest(path: string, request: Request): Promise<Response> {
  const cache = await caches.open(DATA);
  try {
    const answer = await fetch(request);
    if (answer.ok) await cache.put(path, answer.clone());
    if (answer.status < 500) return answer;
    return (await cache.match(path)) ?? answer;
  } catch (error) {
    const found = await cache.match(path);
    if (found === undefined) throw error;
    return found;
  }
}
