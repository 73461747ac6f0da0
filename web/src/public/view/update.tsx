// A newer page has been fetched. It is loaded by itself where nobody looks and nothing is on; else who looks decides.

import { useEffect, useState } from "preact/hooks";
import { useWords } from "../context";
import { keepShell } from "../../shared/model/shell";

export function UpdateBanner({ calm }: { calm: boolean }) {
  const words = useWords();
  const [ready, setReady] = useState(false);
  useEffect(() => keepShell(() => setReady(true)), []);
  useEffect(() => {
    if (!ready) return;
    const load = () => document.visibilityState === "hidden" && calm && location.reload();
    load();
    document.addEventListener("visibilitychange", load);
    return () => document.removeEventListener("visibilitychange", load);
  }, [ready, calm]);
  if (!ready) return null;
  return (
    <aside class="paused update" aria-label={words.say("update")}>
      <span role="status">{words.say("update")}</span>
      <button type="button" onClick={() => location.reload()}>
        {words.say("reload")}
      </button>
    </aside>
  );
}
