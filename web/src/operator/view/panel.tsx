// The right-hand side: zones, sky, sensors, delivery, log, hand-over, one at a time.

import { useRef } from "preact/hooks";
import { type Tab, useDesk } from "../desk";
import { DeliveryTab } from "./delivery";
import { LogTab } from "./log";
import { NotesTab } from "./notes";
import { SensorsTab } from "./sensors";
import { SkyTab } from "./sky";
import { ZonesTab } from "./zones";

const TABS: readonly Tab[] = ["zones", "sky", "sensors", "delivery", "log", "notes"];
const PARTS = { zones: ZonesTab, sky: SkyTab, sensors: SensorsTab, delivery: DeliveryTab, log: LogTab, notes: NotesTab };

export function Panel() {
  const { tab, open, voice } = useDesk();
  const list = useRef<HTMLDivElement>(null);
  const Part = PARTS[tab];
  // Arrows go from tab to tab, as the pattern of tabs asks for; in pages that read from the right, the other way.
  const move = (event: KeyboardEvent) => {
    const forth = voice.words.direction === "rtl" ? "ArrowLeft" : "ArrowRight";
    const back = voice.words.direction === "rtl" ? "ArrowRight" : "ArrowLeft";
    const step = event.key === forth ? 1 : event.key === back ? -1 : 0;
    if (step === 0) return;
    const next = TABS[(TABS.indexOf(tab) + step + TABS.length) % TABS.length] as Tab;
    event.preventDefault();
    open(next);
    list.current?.querySelector<HTMLElement>(`#tab-${next}`)?.focus();
  };
  return (
    <div class="panel">
      <div ref={list} role="tablist" aria-label={voice.say("lists")} class="tabs" onKeyDown={move}>
        {TABS.map((one, i) => (
          <button
            key={one}
            type="button"
            role="tab"
            id={`tab-${one}`}
            aria-selected={one === tab}
            aria-controls="tab-panel"
            aria-keyshortcuts={String(i + 1)}
            tabIndex={one === tab ? 0 : -1}
            onClick={() => open(one)}
          >
            {voice.say(`tab_${one}`)}
          </button>
        ))}
      </div>
      <div role="tabpanel" id="tab-panel" aria-labelledby={`tab-${tab}`} tabIndex={0}>
        <Part />
      </div>
    </div>
  );
}
