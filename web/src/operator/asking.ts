// What is asked for one thing at a time, and kept fresh while it is looked at.

import { useEffect, useState } from "preact/hooks";
import { call } from "./call";
import type { Evidence } from "./model/asked";

const FRESH_MS = 3_000;

/** Asked for at once and every few seconds; null: not there yet; "failed": the newest question was not answered. */
export function useFresh<T>(path: string | null, everyMs: number = FRESH_MS): T | null | "failed" {
  const [found, setFound] = useState<{ path: string | null; value: T | null | "failed" }>({ path, value: null });
  useEffect(() => {
    if (path === null) return;
    let wanted = true;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ask = () => {
      call<T>("GET", path)
        .then(
          (value) => wanted && setFound({ path, value }),
          () => wanted && setFound({ path, value: "failed" }),
        )
        .finally(() => {
          if (wanted) timer = setTimeout(ask, everyMs);
        });
    };
    ask();
    return () => {
      wanted = false;
      clearTimeout(timer);
    };
  }, [path, everyMs]);
  return found.path === path ? found.value : null;
}

export const useEvidence = (zone: string) => useFresh<Evidence>(`/v1/console/zones/${encodeURIComponent(zone)}/evidence`);
