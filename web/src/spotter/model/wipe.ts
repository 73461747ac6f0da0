// Everything of this service on this device, gone. What is here goes first; the service is told if there is a line.

import { end, read } from "./kept";

/** Resolves when nothing is left, or as little as the browser lets. */
export async function wipe(): Promise<void> {
  const secret = await read("secret").catch(() => null);
  end();
  navigator.serviceWorker?.controller?.postMessage("erase");
  await Promise.allSettled([databases(), caches_(), workers(), storages()]);
  if (secret !== null) {
    // Outlives the page, where there is a line; nobody waits for it.
    fetch("/v1/spotter/device", {
      method: "DELETE",
      keepalive: true,
      credentials: "omit",
      headers: { authorization: `Bearer ${secret}` },
    }).catch(() => undefined);
  }
}

async function databases(): Promise<void> {
  const found = await (indexedDB.databases?.() ?? Promise.resolve([{ name: "tocsin" }]));
  await Promise.allSettled(found.map(({ name }) => erased(name ?? "")));
}

function erased(name: string): Promise<void> {
  return new Promise((resolve) => {
    const request = indexedDB.deleteDatabase(name);
    // One that is open elsewhere goes when that is closed.
    request.onsuccess = request.onerror = request.onblocked = () => resolve();
  });
}

async function caches_(): Promise<void> {
  for (const name of await caches.keys()) await caches.delete(name);
}

async function workers(): Promise<void> {
  for (const one of await navigator.serviceWorker.getRegistrations()) await one.unregister();
}

async function storages(): Promise<void> {
  localStorage.clear();
  sessionStorage.clear();
  for (const cookie of document.cookie.split(";")) {
    const name = cookie.split("=")[0]?.trim();
    if (name) document.cookie = `${name}=; expires=Thu, 01 Jan 1970 00:00:00 GMT; path=/`;
  }
}
