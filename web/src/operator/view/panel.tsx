// The right-hand side: zones, sky, sensors, delivery, log, hand-over, ledger, minutes, one at a time.

import { useRef } from "preact/hooks";
import { type Tab, useDesk } from "../desk";
import { DeliveryTab } from "./delivery";
import { LedgerTab } from "./ledger";
import { LogTab } from "./log";
import { MinutesTab } from "./minutes";
import { NotesTab } from "./notes";
import { SensorsTab } from "./sensors";
import { SkyTab } from "./sky";
import { ZonesTab } from "./zones";

const PARTS = { zones: ZonesTab, sky: SkyTab, sensors: SensorsTab, delivery: DeliveryTab, log: LogTab, notes: NotesTab, ledger: LedgerTab, minutes: MinutesTab };

export function Panel() {
  const { tab, tabs, open, voice } = useDesk();
  const list = useRef<HTMLDivElement>(null);
  const Part = PARTS[tab];
  // Arrows go from tab to tab, as the pattern of tabs asks for; in pages that read from the right, the other way.
  const move = (event: KeyboardEvent) => {
    const forth = voice.words.direction === "rtl" ? "ArrowLeft" : "ArrowRight";
    const back = voice.words.direction === "rtl" ? "ArrowRight" : "ArrowLeft";
    const step = event.key === forth ? 1 : event.key === back ? -1 : 0;
    if (step === 0) return;
    const next = tabs[(tabs.indexOf(tab) + step + tabs.length) % tabs.length] as Tab;
    event.preventDefault();
    open(next);
    list.current?.querySelector<HTMLElement>(`#tab-${next}`)?.focus();
  };
  return (
    <div class="panel">
      <div ref={list} role="tablist" aria-label={voice.say("lists")} class="tabs" onKeyDown={move}>
        {tabs.map((one, i) => (
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
