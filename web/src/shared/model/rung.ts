// Of several pages of this device one rings for what is new: the first. What was rung lies where all of them look, in a
// transaction, so that two that look at once do not both find nothing.

const [NAME, STORE] = ["tocsin.rung", "rung"];
// A page that nobody looks at learns of things up to a minute late.
export const SAME_MS = 120_000;
// Where storage does not answer, too much sound is better than none.
const ANSWER_MS_MAX = 1_000;

export interface Rung {
  readonly page: string;
  readonly atMs: number;
}

/** Whether another page rang for it lately; what this page rang before, and hears of again, is news again. */
export function rangElsewhere(before: Rung | undefined, page: string, nowMs: number): boolean {
  return before !== undefined && before.page !== page && Math.abs(nowMs - before.atMs) < SAME_MS;
}

function database(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

async function claimed(news: readonly string[], page: string, nowMs: number): Promise<string[]> {
  const opened = await database();
  try {
    return await new Promise((resolve, reject) => {
      const transaction = opened.transaction(STORE, "readwrite");
      const store = transaction.objectStore(STORE);
      const mine: string[] = [];
      const all = store.openCursor();
      const before = new Map<IDBValidKey, Rung>();
      all.onsuccess = () => {
        const cursor = all.result;
        if (cursor !== null) {
          const rung = cursor.value as Rung;
          if (Math.abs(nowMs - rung.atMs) < SAME_MS) before.set(cursor.key, rung);
          else cursor.delete();
          cursor.continue();
          return;
        }
        for (const one of news) {
          if (rangElsewhere(before.get(one), page, nowMs)) continue;
          mine.push(one);
          store.put({ page, atMs: nowMs }, one);
        }
      };
      transaction.oncomplete = () => resolve(mine);
      transaction.onabort = transaction.onerror = () => reject(transaction.error);
    });
  } finally {
    opened.close();
  }
}

/** Those of the news that this page shall ring for. `page`: what tells it from the others of this device. */
export async function toRing(news: readonly string[], page: string): Promise<readonly string[]> {
  const late = new Promise<readonly string[]>((resolve) => setTimeout(resolve, ANSWER_MS_MAX, news));
  return Promise.race([claimed(news, page, Date.now()).catch(() => news), late]);
}
