// Pushes to this device: whether they can be had, and asking for them. What is asked for is zones and a language.

import { forget, keep, tell } from "./push_kept";

/** One notification, as the service writes it. */
export interface Notice {
  readonly tag: string;
  readonly level: "take_cover" | "prepare" | "all_clear" | "welcome" | "test";
  readonly title: string;
  readonly body: string;
  readonly time?: string;
  readonly expires?: string;
  readonly zones?: readonly string[];
  readonly drill?: boolean;
  /** It was shown without a sound: nobody has heard it yet. */
  readonly unheard?: boolean;
}

/** Whether a notice says what one that is still shown says: of the same places, in the same world, without a gap. */
export function sameWord(before: Notice | undefined, notice: Notice): boolean {
  if (before === undefined || before.level !== notice.level || before.unheard === true) return false;
  // A drill's notice, or one of last night that nobody wiped away, must not keep a phone silent tonight.
  if ((before.drill ?? false) !== (notice.drill ?? false)) return false;
  if (before.expires && notice.time && Date.parse(before.expires) < Date.parse(notice.time)) return false;
  return (notice.zones ?? []).every((zone) => before.zones?.includes(zone));
}

export interface PushMessage {
  readonly language: string;
  readonly notices: readonly Notice[];
}

export interface Wish {
  readonly zones: readonly string[];
  readonly level: "take_cover" | "prepare";
  readonly language: string;
}

export type Asked = "on" | "denied" | "failed";

/** The key to subscribe with; null: this service sends no pushes, or this browser takes none. */
export async function offered(): Promise<string | null> {
  if (!("serviceWorker" in navigator && "PushManager" in window && "Notification" in window)) return null;
  const answer = await fetch("/v1/push");
  return answer.ok ? ((await answer.json()) as { public_key: string | null }).public_key : null;
}

async function registration(): Promise<ServiceWorkerRegistration> {
  await navigator.serviceWorker.register("/worker.js");
  return navigator.serviceWorker.ready;
}

export async function subscribed(): Promise<boolean> {
  const known = await navigator.serviceWorker.getRegistration("/");
  return (await known?.pushManager.getSubscription()) != null;
}

export async function subscribe(key: string, wish: Wish): Promise<Asked> {
  if ((await Notification.requestPermission()) !== "granted") return "denied";
  const { pushManager } = await registration();
  const options = { userVisibleOnly: true, applicationServerKey: key };
  let subscription: PushSubscription;
  try {
    subscription = await pushManager.subscribe(options);
  } catch {
    // The service has another key by now; a browser holds one subscription.
    await (await pushManager.getSubscription())?.unsubscribe();
    subscription = await pushManager.subscribe(options);
  }
  if (!(await tell(subscription, wish, null))) return "failed";
  await keep(subscription.endpoint, wish);
  return "on";
}

export async function unsubscribe(): Promise<void> {
  const known = await navigator.serviceWorker.getRegistration("/");
  const subscription = await known?.pushManager.getSubscription();
  await forget();
  if (subscription == null) return;
  await subscription.unsubscribe();
  await fetch("/v1/push/subscriptions", {
    method: "DELETE",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ endpoint: subscription.endpoint }),
  });
}

/** Asks the service for a test; whether one is on its way. */
export async function test(): Promise<boolean> {
  const known = await navigator.serviceWorker.getRegistration("/");
  const subscription = await known?.pushManager.getSubscription();
  if (subscription == null) return false;
  const answer = await fetch("/v1/push/test", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ endpoint: subscription.endpoint }),
  });
  return answer.ok;
}
