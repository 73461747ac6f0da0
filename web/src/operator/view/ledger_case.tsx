// One incident: what is known, every voice side by side with its claims, what they come to, and what was decided.

import { useEffect, useRef, useState } from "preact/hooks";
import type { Say } from "../../shared/i18n";
import type { LedgerKey } from "../../shared/i18n/ledger";
import { useFresh } from "../asking";
import { useDesk } from "../desk";
import { BELOW, calledOf, type Case, type Claim, type Finding, type IncidentRow, type Statement } from "../model/ledger";
import { Deed } from "./ledger_deed";
import { Facts } from "./parts";

interface Own {
  readonly own: Say<LedgerKey>;
}

const MEASURES = ["killed", "injured", "missing", "strikes", "launched", "interception", "damage", "outage", "responsibility"];
const REVERSIBLE = ["merge", "apart", "split", "undo"];

export function CaseView({ name, own, back }: Own & { name: string; back: () => void }) {
  const { voice } = useDesk();
  const [asked, again] = useState(0);
  const found = useFresh<Case>(`${BELOW}/incidents/${encodeURIComponent(name)}${asked === 0 ? "" : `?${asked}`}`, 10_000);
  // What is on the screen stays until what was decided is there.
  const last = useRef<Case | null>(null);
  if (found !== null && found !== "failed") last.current = found;
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => title.current?.focus(), []);
  const known = last.current?.known ?? null;
  const leave = (event: KeyboardEvent) => {
    if (event.key !== "Escape" || event.defaultPrevented) return;
    event.preventDefault();
    back();
  };
  return (
    <article class="case" onKeyDown={leave}>
      <p>
        <button type="button" onClick={back}>
          {own("back")}
        </button>
      </p>
      <h3 ref={title} tabIndex={-1} dir="auto">
        {known === null ? name : calledOf(known)}
        {known?.drill && <span class="drill-tag">{voice.words.say("drill")}</span>}
      </h3>
      {found === "failed" && <p role="alert">{voice.say("failed")}</p>}
      {last.current !== null && <Inside case_={last.current} own={own} decided={() => again((count) => count + 1)} />}
    </article>
  );
}

function Inside({ case_, own, decided }: Own & { case_: Case; decided: () => void }) {
  const { may } = useDesk();
  const { known, findings, taken_back: wrong } = case_;
  const others = case_.members.filter((one) => one !== case_.incident);
  return (
    <>
      {known === null ? <p class="empty">{own("claims_only")}</p> : <Known known={known} case_={case_} others={others} own={own} />}
      {known !== null && may("ledger") && !known.drill && <Showing known={known} own={own} decided={decided} />}
      {findings.length === 0 && <p class="empty">{own("nothing_said")}</p>}
      {findings.map((one) => (
        <FindingView key={`${one.measure} ${one.subject}`} finding={one} own={own} />
      ))}
      {wrong.length > 0 && <p class="soft">{own("taken_back", { claims: wrong.join(", ") })}</p>}
      <Decisions case_={case_} own={own} decided={decided} />
    </>
  );
}

function Known({ known, case_, others, own }: Own & { known: IncidentRow; case_: Case; others: readonly string[] }) {
  const { voice } = useDesk();
  const { place } = known;
  const by = known.weapon || (known.threat === "unknown" ? "" : voice.threat(known.threat));
  const rows: (readonly [string, preact.ComponentChildren])[] = [[own("when"), <bdi key="when">{known.window}</bdi>]];
  if (place !== null)
    rows.push([
      own("where"),
      <span key="where">
        <bdi>{place.name}</bdi> <bdi dir="ltr">{`${place.lat.toFixed(4)} ${place.lon.toFixed(4)} ± ${Math.round(place.sigma_m)} m`}</bdi>
      </span>,
    ]);
  if (by !== "") rows.push([own("by_what"), <bdi key="by">{by}</bdi>]);
  if (others.length > 0) rows.push([own("names"), <bdi key="names">{others.join(", ")}</bdi>]);
  for (const [name, ids] of [[own("warnings_then"), case_.warnings], [own("tracks_near"), case_.tracks]] as const)
    if (ids.length > 0) rows.push([name, <span key={name}>{ids.map((one) => <code key={one} dir="ltr">{`${one} `}</code>)}</span>]);
  rows.push([own("seen_by"), own(known.released ? "state_released" : "state_withheld")]);
  return <Facts rows={rows} />;
}

function Showing({ known, own, decided }: Own & { known: IncidentRow; decided: () => void }) {
  const deed = known.released ? "withdraw" : "release";
  return (
    <p class="buttons">
      <Deed key={deed} label={own(deed)} text={own(`${deed}_text`)} body={{ do: deed, one: known.incident }} own={own} done={decided} />
    </p>
  );
}

function FindingView({ finding, own }: Own & { finding: Finding }) {
  const { measure, subject, statements, span, agreed, contradictions } = finding;
  const several = statements.length > 1;
  return (
    <section class="finding">
      <h4>
        {MEASURES.includes(measure) ? own(`measure_${measure}` as "measure_killed") : measure}
        {subject !== "" && (
          <span class="soft" dir="auto">
            {` ${subject}`}
          </span>
        )}
      </h4>
      <ul class="voices">
        {statements.map((one) => (
          <StatementView key={one.voice} said={one} own={own} />
        ))}
      </ul>
      {several && (agreed !== null || span !== null) && <p>{agreed === null ? own("span", { figure: span ?? "" }) : own("agreed", { figure: agreed })}</p>}
      {contradictions.map(({ one, other, why }) => (
        <p key={`${one} ${other}`} class="contradiction">
          {own("against", { one, other, why })}
        </p>
      ))}
    </section>
  );
}

function StatementView({ said, own }: Own & { said: Statement }) {
  const { voice } = useDesk();
  const parts = [
    ["", said.claims],
    [own("echo"), said.echoes],
    [own("revised"), said.revised],
  ] as const;
  return (
    <li class="card">
      <p class="where">
        <bdi>{said.called}</bdi>
      </p>
      <p class="figure">{said.denied ? own("denied") : (said.figure ?? own("says_so"))}</p>
      <ul class="claims">
        {parts.flatMap(([note, claims]) => claims.map((one) => <ClaimView key={one.id} claim={one} note={note} own={own} />))}
      </ul>
      {said.more > 0 && <p class="soft">{own("more_claims", { count: voice.words.number(said.more) })}</p>}
    </li>
  );
}

function ClaimView({ claim, note, own }: Own & { claim: Claim; note: string }) {
  const { voice } = useDesk();
  const where = claim.where || (claim.url === null ? "" : new URL(claim.url).host);
  return (
    <li>
      {note !== "" && <em>{note} </em>}
      <bdi>{claim.by.join(" → ")}</bdi>
      {note !== "" && claim.figure !== null && ` · ${claim.figure}`}
      {" · "}
      <time dateTime={claim.at}>{voice.dated(claim.at)}</time>
      {claim.url === null
        ? where !== "" && <bdi> {where}</bdi>
        : [" ", <a key="url" href={claim.url} target="_blank" rel="noreferrer noopener" dir="ltr">{where}</a>]}
      {claim.words !== "" && (
        <q dir="auto" {...(claim.language === "" ? {} : { lang: claim.language })}>
          {claim.words}
        </q>
      )}
      {claim.window !== "" && <span class="soft"> {claim.window}</span>}
      {claim.files > 0 && <span class="soft"> {own("files", { count: voice.words.number(claim.files) })}</span>}
    </li>
  );
}

function Decisions({ case_, own, decided }: Own & { case_: Case; decided: () => void }) {
  const { voice, may } = useDesk();
  if (case_.decisions.length === 0) return null;
  return (
    <section class="finding">
      <h4>{own("decisions")}</h4>
      <ol class="rows">
        {case_.decisions.map((one) => (
          <li key={one.id} class="row">
            <p>
              <code dir="ltr">{one.kind}</code> <time dateTime={one.at}>{voice.dated(one.at)}</time> <bdi>{one.reason}</bdi>
              {one.undone && <span class="soft"> {own("undone")}</span>}
            </p>
            {may("ledger") && !one.undone && REVERSIBLE.includes(one.kind) && (
              <p class="buttons">
                <Deed label={own("undo")} text={own("undo_text")} body={{ do: "undo", one: one.id }} own={own} done={decided} />
              </p>
            )}
          </li>
        ))}
      </ol>
    </section>
  );
}
