// What pushes look like on this device: one notification for a place, the newest word on top. Nothing of them is kept.

import type { Language } from "../shared/i18n";
import { type Notice, type PushMessage, sameWord, type Wish } from "../shared/model/push";
import { endpointKept, keep, tell } from "../shared/model/push_kept";
import { areSafe, isPaused, LOUD, type Quiet } from "../shared/model/quiet";
import { keepQuiet, quietKept } from "../shared/model/quiet_kept";
import { TESTS } from "./test_words";

declare const self: ServiceWorkerGlobalScope;

const RIGHT_TO_LEFT = ["ar", "fa", "he"];

/** Shows what a push brought; what is none of ours is nothing. */
export async function shown(data: PushMessageData | null): Promise<void> {
  let message: PushMessage;
  try {
    message = data?.json();
    if (!Array.isArray(message.notices)) return;
  } catch {
    return;
  }
  let quiet = await quietKept().catch(() => LOUD);
  const clear = message.notices.filter(({ level }) => level === "all_clear").flatMap(({ zones }) => zones ?? []);
  if (clear.some((zone) => quiet.safeZones.includes(zone))) {
    // Whoever was safe in this raid has said nothing of the next.
    quiet = { ...quiet, safeZones: quiet.safeZones.filter((zone) => !clear.includes(zone)) };
    // A full device forgets to forget; what came is shown.
    await keepQuiet(quiet).catch((error) => console.warn("tocsin: silence could not be kept", error));
  }
  await Promise.all(message.notices.map((notice) => show(worded(notice, message.language), message.language, quiet)));
}

/** A test in the reader's words: everybody must see that it is one. */
function worded(notice: Notice, language: string): Notice {
  if (notice.level !== "test") return notice;
  const { title, body } = TESTS[language as Language] ?? TESTS.en;
  return { ...notice, title, body };
}

/** Whether a notice is shown without a sound: in a pause; where somebody is safe, all that is less than new danger. */
export function isSilent(notice: Notice, quiet: Quiet, nowMs: number): boolean {
  if (isPaused(quiet, nowMs)) return notice.level !== "test";
  return notice.level === "prepare" && areSafe(notice.zones, quiet, nowMs);
}

/** One notification for a place: the newest word stands, and a device is woken when that word changes. */
async function show(notice: Notice, language: string, quiet: Quiet): Promise<void> {
  const before: Notice | undefined = (await self.registration.getNotifications({ tag: notice.tag }))[0]?.data;
  // Push services keep no order.
  if (before?.time && notice.time && before.time > notice.time) return;
  await closeOlder(notice);
  const grave = notice.level === "take_cover";
  const silent = isSilent(notice, quiet, Date.now());
  const buzz = silent ? {} : { vibrate: grave ? [600, 200, 600, 200, 600] : [200] };
  await self.registration.showNotification(notice.level === "welcome" ? `Tocsin ✓ ${notice.body}` : notice.title, {
    body: notice.level === "welcome" ? "" : notice.body,
    tag: notice.tag,
    data: { ...notice, unheard: silent },
    lang: language,
    dir: RIGHT_TO_LEFT.includes(language) ? "rtl" : "ltr",
    icon: "/icon-192.png",
    badge: "/badge-96.png",
    silent,
    requireInteraction: grave,
    // Browsers refuse to wake anybody for a notification without a tag; every one of ours has one.
    ...({ renotify: !silent && !sameWord(before, notice), ...buzz } as object),
  });
}

/** Somebody has said that he is safe: what lies there about these zones needs no answer any more. */
export async function close(zones: readonly unknown[]): Promise<void> {
  for (const notification of await self.registration.getNotifications()) {
    const { zones: about }: Notice = notification.data ?? {};
    if (about?.length && about.every((zone) => zones.includes(zone))) notification.close();
  }
}

/** An older word on places that a newer one is about, under whatever tag, must not stand beside it. */
async function closeOlder(notice: Notice): Promise<void> {
  for (const other of await self.registration.getNotifications()) {
    // Browsers put up one of their own where a push showed nothing: it carries nothing.
    const { tag, time, zones }: Partial<Notice> = other.data ?? {};
    const about = zones?.length && zones.every((zone) => notice.zones?.includes(zone));
    if (tag !== notice.tag && about && time && notice.time && time < notice.time) other.close();
  }
}

/** Asks for pushes anew where the push service has changed this device's address. */
export async function renew(): Promise<void> {
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
