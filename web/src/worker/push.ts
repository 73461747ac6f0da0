// The service worker: shows the pushes that reach this device, also while no page is open. It keeps nothing else.

import { type Notice, type PushMessage, sameWord, type Wish } from "../shared/model/push";
import { endpointKept, keep, tell } from "../shared/model/push_kept";

declare const self: ServiceWorkerGlobalScope;

const RIGHT_TO_LEFT = ["ar", "fa", "he"];

self.addEventListener("install", () => void self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("push", (event) => {
  let message: PushMessage;
  try {
    message = event.data?.json();
  } catch {
    return; // Not ours.
  }
  event.waitUntil(Promise.all(message.notices.map((notice) => show(notice, message.language))));
});

/** One notification for a place: the newest word stands, and a device is woken when that word changes. */
async function show(notice: Notice, language: string): Promise<void> {
  const shown = (await self.registration.getNotifications({ tag: notice.tag }))[0];
  const before: Notice | undefined = shown?.data;
  // Push services keep no order.
  if (before?.time && notice.time && before.time > notice.time) return;
  await closeOlder(notice);
  const grave = notice.level === "take_cover";
  await self.registration.showNotification(notice.level === "welcome" ? `Tocsin ✓ ${notice.body}` : notice.title, {
    body: notice.level === "welcome" ? "" : notice.body,
    tag: notice.tag,
    data: notice,
    lang: language,
    dir: RIGHT_TO_LEFT.includes(language) ? "rtl" : "ltr",
    requireInteraction: grave,
    // Browsers refuse to wake anybody for a notification without a tag; every one of ours has one.
    ...({ renotify: !sameWord(before, notice), vibrate: grave ? [600, 200, 600, 200, 600] : [200] } as object),
  });
}

/** An older word on places that a newer one is about, under whatever tag, must not stand beside it. */
async function closeOlder(notice: Notice): Promise<void> {
  for (const other of await self.registration.getNotifications()) {
    const { tag, time, zones }: Notice = other.data;
    const about = zones?.length && zones.every((zone) => notice.zones?.includes(zone));
    if (tag !== notice.tag && about && time && notice.time && time < notice.time) other.close();
  }
}

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(
    self.clients.matchAll({ type: "window" }).then(async (windows) => {
      const open = windows[0];
      await (open === undefined ? self.clients.openWindow("/") : open.focus());
    }),
  );
});

// Push services change addresses now and then: whoever asked once is asked for again, without a page.
self.addEventListener("pushsubscriptionchange", (event) => {
  (event as ExtendableEvent).waitUntil(renew());
});

async function renew(): Promise<void> {
  const kept = await endpointKept();
  if (kept === null) return;
  const answer = await fetch("/v1/push");
  if (!answer.ok) return;
  const { public_key } = (await answer.json()) as { public_key: string | null };
  if (public_key === null) return;
  const subscription = await self.registration.pushManager.subscribe({
    userVisibleOnly: true,
    applicationServerKey: public_key,
  });
  const wish: Wish = kept.wish;
  if (await tell(subscription, wish, kept.endpoint)) await keep(subscription.endpoint, wish);
}
