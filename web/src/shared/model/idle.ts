// When there is nothing else to do.

/** Comes when the browser has nothing else to do, and at the latest after so long. */
export function idle(timeoutMs: number): Promise<void> {
  return new Promise((done) => {
    if (typeof requestIdleCallback === "function") requestIdleCallback(() => done(), { timeout: timeoutMs });
    else setTimeout(done, Math.min(timeoutMs, 300));
  });
}
