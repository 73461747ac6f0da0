// The service worker: keeps the page for when there is no line, and shows the pushes that reach this device.

import { answerTo, install, keepSeen, tidy } from "./shell";
import { close, renew, shown } from "./notices";

declare const self: ServiceWorkerGlobalScope;

self.addEventListener("install", (event) => {
  // A newer page is the better page: it takes over at once, and an open page says that there is one.
  void self.skipWaiting();
  event.waitUntil(install());
});
self.addEventListener("activate", (event) => event.waitUntil(Promise.all([tidy(), self.clients.claim()])));
self.addEventListener("fetch", (event) => {
  const answer = answerTo(event.request, self.location.origin);
  if (answer !== null) event.respondWith(answer);
});
self.addEventListener("message", (event) => {
  const { seen, safe } = (event.data ?? {}) as { seen?: unknown; safe?: unknown };
  if (Array.isArray(seen)) event.waitUntil(keepSeen(seen, self.location.origin));
  if (Array.isArray(safe)) event.waitUntil(close(safe));
});
self.addEventListener("push", (event) => event.waitUntil(shown(event.data)));
self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(
    self.clients.matchAll({ type: "window" }).then(async (windows) => {
      const open = windows.find(({ url }) => new URL(url).pathname === "/");
      await (open === undefined ? self.clients.openWindow("/") : open.focus());
    }),
  );
});
// Push services change addresses now and then: whoever asked once is asked for again, without a page.
self.addEventListener("pushsubscriptionchange", (event) => (event as ExtendableEvent).waitUntil(renew()));
