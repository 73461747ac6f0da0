// Bytes, their hashes by WebCrypto, and the lines of a file.

export type Hash = Uint8Array<ArrayBuffer>;
export const HASH_BYTES = 32;

const encoder = new TextEncoder();
// A byte order mark would be part of what was hashed.
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export const utf8 = (text: string): Uint8Array<ArrayBuffer> => encoder.encode(text) as Uint8Array<ArrayBuffer>;

export async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<Hash> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}

export function joined(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((total, part) => total + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

export const hex = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

export function fromHex(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: text.length / 2 }, (_, at) => Number.parseInt(text.slice(2 * at, 2 * at + 2), 16));
}

/** The bytes that base64 stands for; null: it is none. */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> | null {
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return null;
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

/** The lines of a file with their numbers, from 1; empty ones are left out, and null is one that is no text. */
export function* linesOf(file: Uint8Array): Generator<[number, string | null]> {
  let number = 0;
  for (let start = 0; start < file.length; ) {
    const found = file.indexOf(10, start);
    const end = found < 0 ? file.length : found;
    number += 1;
    let text: string | null = null;
    try {
      text = decoder.decode(file.subarray(start, end));
    } catch {
      // Told of by whoever needed it.
    }
    if (text === null || text.trim() !== "") yield [number, text];
    start = end + 1;
  }
}

/** What a line of JSON holds, where it is an object. */
export function objectIn(line: string | null): Record<string, unknown> | null {
  try {
    const found: unknown = JSON.parse(line ?? "");
    return typeof found === "object" && found !== null && !Array.isArray(found) ? (found as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

export const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

export const matches = (value: unknown, pattern: RegExp): value is string => typeof value === "string" && pattern.test(value);
