// What page and service worker both know of this device's subscription: what it asked for, and where it is reached.

import type { Wish } from "./push";

const CACHE = "tocsin.push";
const AT = "/kept";

interface Kept {
  readonly endpoint: string;
  readonly wish: Wish;
}

export async function keep(endpoint: string, wish: Wish): Promise<void> {
  const cache = await caches.open(CACHE);
  await cache.put(AT, new Response(JSON.stringify({ endpoint, wish })));
}

export async function endpointKept(): Promise<Kept | null> {
  const found = await (await caches.open(CACHE)).match(AT);
  return found === undefined ? null : ((await found.json()) as Kept);
}

export async function forget(): Promise<void> {
  await caches.delete(CACHE);
}

/** Ask the service for pushes to this subscription; whether it will send them. */
export async function tell(subscription: PushSubscription, wish: Wish, replaces: string | null): Promise<boolean> {
  const { endpoint, keys } = subscription.toJSON();
  const answer = await fetch("/v1/push/subscriptions", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ endpoint, keys, ...wish, replaces }),
  });
  return answer.ok;
}
