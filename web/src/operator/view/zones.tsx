// Zones under warning and chosen ones, and what stands behind the warning of one.

import { useEffect, useState } from "preact/hooks";
import { useEvidence } from "../asking";
import { useDesk } from "../desk";
import { peopleIn } from "../map/geometry";
import type { Zone } from "../model/wire";
import { EvidenceView } from "./evidence";
import { KeyButton, Left, LevelSign, Section, ZoneName } from "./parts";

const SHOWN_MAX = 150;
const GRAVITY: Readonly<Record<string, number>> = { take_cover: 0, prepare: 1, all_clear: 2, none: 3 };

/** The gravest first, then who has least time. */
export function byGravity(one: Zone, other: Zone): number {
  return (
    (GRAVITY[one.level] ?? 3) - (GRAVITY[other.level] ?? 3) ||
    Date.parse(one.eta_earliest ?? "9999-01-01T00:00:00Z") - Date.parse(other.eta_earliest ?? "9999-01-01T00:00:00Z") ||
    other.probability - one.probability ||
    (one.zone < other.zone ? -1 : 1)
  );
}

/** The zones an officer has chosen, and what can be done with all of them. */
function Chosen() {
  const desk = useDesk();
  const { zones, view, voice, acting, chooseZones, ask } = desk;
  const { say, words } = voice;
  if (zones.size === 0) return null;
  const ids = [...zones];
  return (
    <div class="chosen" role="group" aria-label={say("chosen")}>
      <p>
        <strong>{say("chosen")}</strong> {voice.zones(ids, view.zones)} · {say("people", { people: words.number(peopleIn(ids, view.zones)) })}
      </p>
      <p class="buttons">
        <KeyButton hint="r" class="main" disabled={!acting} onClick={() => ask({ do: "raise", zones: ids })}>
          {say("verb_raise")}
        </KeyButton>
        <KeyButton hint="x" disabled={!acting} onClick={() => ask({ do: "cancel", zones: ids })}>
          {say("verb_cancel")}
        </KeyButton>
        <KeyButton hint="l" disabled={!acting} onClick={() => ask({ do: "release", zones: ids })}>
          {say("verb_release")}
        </KeyButton>
        <button type="button" onClick={() => chooseZones([])}>
          {say("choose_none")}
        </button>
      </p>
    </div>
  );
}

function Row({ state, open, toggle }: { state: Zone; open: boolean; toggle: () => void }) {
  const { voice, zones, chooseZones } = useDesk();
  const { say } = voice;
  const { zone } = state;
  const choose = (on: boolean) => {
    const next = new Set(zones);
    if (on) next.add(zone);
    else next.delete(zone);
    chooseZones(next);
  };
  return (
    <li class={`row level-${state.level}`}>
      <p class="row-head">
        <input type="checkbox" aria-label={say("choose_zone", { zone })} checked={zones.has(zone)} onChange={({ currentTarget }) => choose(currentTarget.checked)} />
        <button type="button" class="name" aria-expanded={open} onClick={toggle}>
          <LevelSign level={state.level} />
          <ZoneName id={zone} />
          <span class="level-word">{voice.level(state.level)}</span>
        </button>
        {state.degraded && <span class="blind-tag">{say("blind")}</span>}
        {state.probability > 0 && <span class="odds">{voice.percent(state.probability)}</span>}
        {state.eta_earliest !== null && <Left at={state.eta_earliest} none="" arrival />}
      </p>
      {open && <Open zone={zone} />}
    </li>
  );
}

function Open({ zone }: { zone: string }) {
  const evidence = useEvidence(zone);
  const { voice, past } = useDesk();
  if (past !== null) return <p class="empty">{voice.say("not_in_past")}</p>;
  if (evidence === "failed") return <p class="empty">{voice.say("failed")}</p>;
  return evidence === null ? <p class="empty">…</p> : <EvidenceView evidence={evidence} />;
}

export function ZonesTab() {
  const { shown, voice, zones } = useDesk();
  const [open, setOpen] = useState<string | null>(null);
  const all = [...(shown?.zones ?? [])].sort(byGravity);
  const only = zones.size === 1 ? ([...zones][0] as string) : null;
  useEffect(() => {
    if (only !== null) setOpen(only);
  }, [only]);
  const listed = new Set(all.map(({ zone }) => zone));
  const quiet = [...zones].filter((zone) => !listed.has(zone));
  const states = [...quiet.map(quietZone), ...all];
  return (
    <Section id="zones" title={voice.say("tab_zones")} count={voice.words.number(all.length)}>
      <Chosen />
      {shown !== null && all.length === 0 && <p class="empty">{voice.words.say("nothing")}</p>}
      {shown === null && <p class="empty">{voice.say("nothing_known")}</p>}
      <ul class="rows">
        {states.slice(0, SHOWN_MAX).map((state) => (
          <Row key={state.zone} state={state} open={open === state.zone} toggle={() => setOpen(open === state.zone ? null : state.zone)} />
        ))}
      </ul>
      {states.length > SHOWN_MAX && <p class="empty">{voice.say("more_not_shown", { count: voice.words.number(states.length - SHOWN_MAX) })}</p>}
    </Section>
  );
}

function quietZone(zone: string): Zone {
  return {
    zone, level: "none", since: null, expires: null, eta_earliest: null, eta_likely: null, probability: 0, threat: null,
    warning: null, degraded: false, degraded_reason: null, public_reason: null,
  };
}
