// The service worker that keeps the page for when there is no line.

/** Tells it that somebody is safe in these zones: what it shows of them needs no answer any more. */
export async function tellSafe(zones: readonly string[]): Promise<void> {
  (await navigator.serviceWorker?.getRegistration("/"))?.active?.postMessage({ safe: zones });
}

// A page that stays open for weeks never asks by itself whether there is a newer one; and where nobody has a line, nobody does.
const LOOK_EVERY_MS = 3_600_000;

/** Installs it once the page stands; calls `renewed` when a newer page has taken its place. */
export function keepShell(renewed: () => void): void {
  if (!("serviceWorker" in navigator)) return;
  const { serviceWorker } = navigator;
  const first = serviceWorker.controller === null;
  let seen = first;
  serviceWorker.addEventListener("controllerchange", () => {
    // The first one takes over a page that is as new as itself.
    if (seen) seen = false;
    else renewed();
  });
  const install = async () => {
    try {
      const registration = await serviceWorker.register("/worker.js");
      setInterval(() => registration.update().catch(() => undefined), LOOK_EVERY_MS);
      const { active } = await serviceWorker.ready;
      // What came before the worker was there: without its language and its names the page would be a stranger's.
      const fetched = performance.getEntriesByType("resource").map(({ name }) => name);
      if (first) active?.postMessage({ seen: fetched });
    } catch (error) {
      console.warn("tocsin: the page cannot be kept", error);
    }
  };
  // What is on the screen comes first.
  setTimeout(install, 3_000);
}
