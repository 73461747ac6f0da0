// What this device remembers. Storage may be switched off, full, or hold what an older page wrote: then it is forgotten.

export function recall(key: string): unknown {
  try {
    const text = localStorage.getItem(key);
    return text === null ? null : JSON.parse(text);
  } catch {
    return null;
  }
}

/** Keeps it; whether it could be kept. */
export function remember(key: string, value: unknown): boolean {
  try {
    if (value === null) localStorage.removeItem(key);
    else localStorage.setItem(key, JSON.stringify(value));
    return true;
  } catch {
    // The page works; it just forgets, and says so of what somebody chose.
    return false;
  }
}

/** Whether anything can be kept here. */
export const keeps = (): boolean => remember("tocsin.probe", 1) && remember("tocsin.probe", null);
