// What is kept on this device, in one database: the secret, the clock, the chosen place, and the reports.

import type { Place, Report } from "./report";

const NAME = "tocsin";

export interface Kept {
  readonly secret: string;
  readonly place: Place;
  /** How far the device's clock is behind the service's. */
  readonly offsetMs: number;
  /** The service hears this device no more. */
  readonly revoked: boolean;
}

let opening: Promise<IDBDatabase> | null = null;
let ended = false;

/** Nothing is kept from here on: whatever was under way when all was erased must not write any of it anew. */
export function end(): void {
  ended = true;
  close();
}

function database(): Promise<IDBDatabase> {
  if (ended) return Promise.reject(new Error("everything here was erased"));
  opening ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore("one");
      request.result.createObjectStore("report", { keyPath: "id" });
    };
    request.onsuccess = () => {
      // Whoever erases it elsewhere is not kept waiting.
      request.result.onversionchange = () => close();
      resolve(request.result);
    };
    request.onerror = () => reject(request.error);
  });
  return opening;
}

async function run<T>(store: string, mode: IDBTransactionMode, ask: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const transaction = (await database()).transaction(store, mode);
  const request = ask(transaction.objectStore(store));
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve(request.result);
    transaction.onabort = transaction.onerror = () => reject(transaction.error);
  });
}

export async function read<K extends keyof Kept>(key: K): Promise<Kept[K] | null> {
  return (await run("one", "readonly", (store) => store.get(key))) ?? null;
}

export async function write<K extends keyof Kept>(key: K, value: Kept[K]): Promise<void> {
  await run("one", "readwrite", (store) => store.put(value, key));
}

/** Every report, the newest first. */
export async function reports(): Promise<Report[]> {
  const found: Report[] = await run("report", "readonly", (store) => store.getAll());
  return found.sort((a, b) => b.capturedMs - a.capturedMs);
}

export async function put(report: Report): Promise<void> {
  await run("report", "readwrite", (store) => store.put(report));
}

export async function drop(id: string): Promise<void> {
  await run("report", "readwrite", (store) => store.delete(id));
}

function close(): void {
  opening?.then((found) => found.close()).catch(() => undefined);
  opening = null;
}
