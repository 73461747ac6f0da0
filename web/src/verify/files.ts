// What is given to be checked: files of the reader's, and what the service publishes.

import { joined, linesOf, objectIn } from "./check/bytes";
import { type Key, keyIn } from "./check/history";

/** More would not fit into a telephone's memory, nor into most browsers'. */
export const BYTES_MAX = 400_000_000;
const LF = 10;
// Lines of a page of the published log; one with fewer is the last.
const PAGES = { entries: 1_000, heads: 50 } as const;

export interface Given {
  readonly entries: Uint8Array<ArrayBuffer>;
  readonly heads: Uint8Array<ArrayBuffer>;
  readonly keys: readonly Key[];
  /** Fingerprints of keys that came from the service itself. */
  readonly fetched: ReadonlySet<string>;
}

export const NOTHING: Given = { entries: new Uint8Array(), heads: new Uint8Array(), keys: [], fetched: new Set() };

export class TooLarge extends Error {}
export class Unknown extends Error {}

/** A file whose last line has an end, so that another can follow. */
const ended = (bytes: Uint8Array<ArrayBuffer>) => (bytes.at(-1) === LF ? bytes : joined(bytes, Uint8Array.of(LF)));

export const linesIn = (bytes: Uint8Array) => bytes.reduce((count, byte) => count + (byte === LF ? 1 : 0), 0);

type Kind = "entries" | "heads" | "key";

function kindOf(bytes: Uint8Array<ArrayBuffer>): Kind | null {
  for (const [, line] of linesOf(bytes)) {
    if (line?.includes("-----BEGIN PUBLIC KEY-----")) return "key";
    const found = objectIn(line);
    if (found === null) continue;
    if ("signature" in found) return "heads";
    if ("index" in found) return "entries";
  }
  return null;
}

async function withOne(given: Given, name: string, bytes: Uint8Array<ArrayBuffer>, fetched: boolean): Promise<Given> {
  if (given.entries.length + given.heads.length + bytes.length > BYTES_MAX) throw new TooLarge();
  switch (kindOf(bytes)) {
    case "entries":
      return { ...given, entries: joined(given.entries, ended(bytes)) };
    case "heads":
      return { ...given, heads: joined(given.heads, ended(bytes)) };
    case "key": {
      const key = await keyIn(new TextDecoder().decode(bytes));
      const keys = [...given.keys.filter(({ fingerprint }) => fingerprint !== key.fingerprint), key];
      const known = given.keys.some(({ fingerprint }) => fingerprint === key.fingerprint) && !given.fetched.has(key.fingerprint);
      const others = [...given.fetched].filter((one) => one !== key.fingerprint);
      return { ...given, keys, fetched: new Set(fetched && !known ? [...others, key.fingerprint] : others) };
    }
    default:
      throw new Unknown(name);
  }
}

/** With files of the reader's, in the order of their names: pages of a log are numbered. */
export async function withFiles(given: Given, files: readonly File[]): Promise<Given> {
  let found = given;
  const byName = new Intl.Collator("en", { numeric: true });
  for (const file of [...files].sort((one, other) => byName.compare(one.name, other.name))) {
    if (file.size > BYTES_MAX) throw new TooLarge();
    found = await withOne(found, file.name, new Uint8Array(await file.arrayBuffer()), false);
  }
  return found;
}

/** With everything that the service publishes; entries first, so that no head is older than they are. */
export async function withPublished(given: Given): Promise<Given> {
  let found = given;
  const get = async (path: string): Promise<Uint8Array<ArrayBuffer> | null> => {
    const answer = await fetch(`/v1/proof/${path}`, { cache: "no-cache" });
    if (answer.status === 404) return null;
    if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
    return new Uint8Array(await answer.arrayBuffer());
  };
  const key = await get("key.pem");
  if (key === null) throw new Error("404");
  found = await withOne(found, "key.pem", key, true);
  for (const [kind, most] of Object.entries(PAGES)) {
    for (let page = 0, lines: number = most; lines === most; page += 1) {
      const bytes = await get(`${kind}/${page}.jsonl`);
      lines = bytes === null ? 0 : linesIn(bytes);
      if (bytes !== null) found = await withOne(found, kind, bytes, true);
    }
  }
  return found;
}
