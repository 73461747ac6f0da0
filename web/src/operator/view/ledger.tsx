// The ledger: what fell where, who says so; what may be one under two names; and the sources.

import { useEffect, useRef, useState } from "preact/hooks";
import { useOwn } from "../../shared/i18n/hooks";
import { LEDGER, type LedgerKey } from "../../shared/i18n/ledger";
import type { Say } from "../../shared/i18n";
import { useDesk } from "../desk";
import { BELOW, calledOf, type IncidentPage, type IncidentRow } from "../model/ledger";
import { CaseView } from "./ledger_case";
import { NewIncident } from "./ledger_new";
import { Proposals, Sources } from "./ledger_lists";
import { Pager, usePages } from "./pager";
import { Section } from "./parts";

const PARTS = ["incidents", "proposals", "sources"] as const;
const STATES = ["all", "released", "withheld"] as const;

export function LedgerTab() {
  const { voice } = useDesk();
  const own = useOwn(LEDGER, voice.words.language);
  const [part, setPart] = useState<(typeof PARTS)[number]>("incidents");
  return (
    <Section id="ledger" title={voice.say("tab_ledger")}>
      <p class="filters" role="group" aria-label={voice.say("tab_ledger")}>
        {PARTS.map((one) => (
          <button key={one} type="button" aria-pressed={one === part} onClick={() => setPart(one)}>
            {own(one)}
          </button>
        ))}
      </p>
      {part === "incidents" && <Incidents own={own} />}
      {part === "proposals" && <Proposals own={own} />}
      {part === "sources" && <Sources own={own} />}
    </Section>
  );
}

/** From the first moment of a day to the last of another, in the time of the record. */
function asked(text: string, state: string, from: string, until: string): string {
  const wanted = new URLSearchParams({ limit: "50" });
  if (text !== "") wanted.set("q", text);
  if (state !== "all") wanted.set("state", state);
  if (from !== "") wanted.set("begin", `${from}T00:00:00Z`);
  if (until !== "") wanted.set("end", `${until}T23:59:59Z`);
  return `${BELOW}/incidents?${wanted}`;
}

function Incidents({ own }: { own: Say<LedgerKey> }) {
  const { voice, may } = useDesk();
  const { say, words } = voice;
  const [times_, again] = useState(0);
  const [text, setText] = useState("");
  const [state, setState] = useState<string>("all");
  const [from, setFrom] = useState("");
  const [until, setUntil] = useState("");
  const [open, setOpen] = useState<string | null>(null);
  // Whoever comes back finds himself where he was.
  const left = useRef<string | null>(null);
  const list = useRef<HTMLOListElement>(null);
  const pages = usePages<"after", IncidentPage>(`${asked(text, state, from, until)}${times_ === 0 ? "" : `&_=${times_}`}`, "after");
  useEffect(() => {
    if (open === null && left.current !== null) list.current?.querySelector<HTMLElement>(`[data-incident="${CSS.escape(left.current)}"]`)?.focus();
  }, [open]);
  if (open !== null) return <CaseView name={open} own={own} back={() => setOpen(null)} />;
  const page = pages.found === "failed" ? null : pages.found;
  const walk = (event: KeyboardEvent) => {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step === 0) return;
    const rows = [...(list.current?.querySelectorAll<HTMLElement>("button") ?? [])];
    rows[rows.indexOf(document.activeElement as HTMLElement) + step]?.focus();
    event.preventDefault();
  };
  return (
    <>
      <p class="filters">
        <label class="inline">
          {own("find")}
          <input type="search" dir="auto" maxLength={200} value={text} onChange={({ currentTarget: { value } }) => setText(value.trim())} />
        </label>
        <label class="inline">
          {own("seen_by")}
          <select value={state} onChange={({ currentTarget: { value } }) => setState(value)}>
            {STATES.map((one) => (
              <option key={one} value={one}>
                {own(`state_${one}`)}
              </option>
            ))}
          </select>
        </label>
        <label class="inline">
          {own("from")}
          <input type="date" value={from} onChange={({ currentTarget: { value } }) => setFrom(value)} />
        </label>
        <label class="inline">
          {own("until")}
          <input type="date" value={until} onChange={({ currentTarget: { value } }) => setUntil(value)} />
        </label>
      </p>
      {may("ledger") && <NewIncident own={own} done={() => again((count) => count + 1)} />}
      <Pager pages={pages} times={[]} />
      {pages.found === "failed" && <p role="alert">{say("failed")}</p>}
      {page !== null && (
        <p role="status" class="soft">
          {page.found === 0 ? own("no_incident") : own("count", { found: words.number(page.found), all: words.number(page.all) })}
        </p>
      )}
      <ol ref={list} class="rows" onKeyDown={walk}>
        {page?.incidents.map((one) => (
          <Row key={one.incident} one={one} own={own} choose={() => setOpen((left.current = one.incident))} />
        ))}
      </ol>
    </>
  );
}

function Row({ one, own, choose }: { one: IncidentRow; own: Say<LedgerKey>; choose: () => void }) {
  const { voice } = useDesk();
  return (
    <li class="row">
      <button type="button" class="name incident" data-incident={one.incident} onClick={choose}>
        <bdi dir="auto">{calledOf(one)}</bdi>
        <time class="soft" dateTime={one.begin}>
          {voice.dated(one.begin)}
        </time>
        {one.released && <span class="released-tag">{own("state_released")}</span>}
        {one.drill && <span class="drill-tag">{voice.words.say("drill")}</span>}
      </button>
    </li>
  );
}
