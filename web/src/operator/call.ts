// Calls to the service in the name of whoever is signed in.

/** What the service would not do, and its reason in a sentence. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly detail: string,
    /** Seconds after which to try again; null where that is not said. */
    readonly retryAfterS: number | null,
    /** What would make it go; null: nothing that this page can ask for. */
    readonly needs: string | null = null,
  ) {
    super(`${status}: ${detail}`);
  }
}

/** No answer came: the line, or the service, is down. */
export class Unreachable extends Error {}

/** Where one asks who is signed in. */
export const SESSION = "/v1/session";
const TIMEOUT_MS = 15_000;
let csrf: string | null = null;
let onEnded: () => void = () => {};

/** Every call that changes something carries this from now on; null: nobody is signed in. */
export function carry(token: string | null): void {
  csrf = token;
}

/** Called when an answer says that somebody is not known: whether nobody is signed in any more is to be asked then. */
export function whenEnded(told: () => void): void {
  onEnded = told;
}

/** What the service answers. Raises Refused and Unreachable. */
export async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
  return read<T>(await sent(method, path, body), path);
}

/** The same with its tag, for what is large and seldom new; null: it is what the tag is of. */
export async function callAnew<T>(path: string, tag: string | null): Promise<{ value: T; tag: string | null } | null> {
  const answer = await sent("GET", path, undefined, tag === null ? {} : { "if-none-match": tag });
  if (answer.status === 304) return null;
  return { value: await read<T>(answer, path), tag: answer.headers.get("etag") };
}

async function read<T>(answer: Response, path: string): Promise<T> {
  const text = await answer.text().catch(() => {
    throw new Unreachable(path);
  });
  if (answer.ok) return (text === "" ? null : JSON.parse(text)) as T;
  // A wrong password is one, too, and ends nothing.
  if (answer.status === 401 && csrf !== null && path !== SESSION) onEnded();
  throw new Refused(answer.status, textIn(text, "detail") ?? text.slice(0, 300), Number(answer.headers.get("retry-after")) || null, textIn(text, "needs"));
}

async function sent(method: string, path: string, body: unknown, more: Readonly<Record<string, string>> = {}): Promise<Response> {
  const headers: Record<string, string> = { ...more };
  if (body !== undefined) headers["content-type"] = "application/json";
  if (csrf !== null && method !== "GET") headers["x-tocsin-csrf"] = csrf;
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), TIMEOUT_MS);
  try {
    return await fetch(path, { method, headers, signal: stop.signal, body: body === undefined ? null : JSON.stringify(body) });
  } catch {
    throw new Unreachable(path);
  } finally {
    clearTimeout(timer);
  }
}

function textIn(text: string, name: "detail" | "needs"): string | null {
  try {
    const found: unknown = JSON.parse(text)[name];
    return typeof found === "string" ? found : null;
  } catch {
    return null;
  }
}
