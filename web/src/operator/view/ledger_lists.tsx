// What may be one under two names, with the reasons; and the sources under all of theirs.

import { useState } from "preact/hooks";
import type { Say } from "../../shared/i18n";
import type { LedgerKey } from "../../shared/i18n/ledger";
import { useFresh } from "../asking";
import { useDesk } from "../desk";
import { BELOW, type Pair, type Perhaps, type Reporter, type Source, type SourcePage } from "../model/ledger";
import { Deed } from "./ledger_deed";
import { Pager, usePages } from "./pager";

interface Own {
  readonly own: Say<LedgerKey>;
}

const KINDS = ["observatory", "official", "agency", "outlet", "organisation", "hospital", "witness", "operator", "dataset", "channel", "unknown"];

const WHY = {
  near: "why_near", meet: "why_meet", words: "why_words", threat: "why_threat", site: "why_site", same_name: "why_same_name",
  sound: "why_sound", initials: "why_initials", initials_abroad: "why_initials_abroad", mean: "why_mean",
} as const;

/** Names of any script, each written in its own direction within a sentence. */
const isolated = (values: Readonly<Record<string, string>>) => Object.fromEntries(Object.entries(values).map(([name, text]) => [name, `\u2068${text}\u2069`]));

export function Proposals({ own }: Own) {
  const { voice } = useDesk();
  const [asked, again] = useState(0);
  const found = useFresh<Perhaps>(`${BELOW}/proposals${asked === 0 ? "" : `?${asked}`}`, 30_000);
  if (found === "failed") return <p role="alert">{voice.say("failed")}</p>;
  if (found === null) return null;
  const all = [...found.incidents.map((pair) => ["incident", pair] as const), ...found.sources.map((pair) => ["source", pair] as const)];
  return (
    <>
      {all.length === 0 && <p class="empty">{own("no_proposal")}</p>}
      <ol class="cards">
        {all.map(([what, pair]) => (
          <PairView key={`${what} ${pair.one} ${pair.other}`} what={what} pair={pair} own={own} decided={() => again((count) => count + 1)} />
        ))}
      </ol>
      {!found.all && <p class="soft">{own("first_only")}</p>}
    </>
  );
}

function PairView({ what, pair, own, decided }: Own & { what: "incident" | "source"; pair: Pair; decided: () => void }) {
  const { may } = useDesk();
  // The fuller name tells more than an acronym.
  const pairs = [[pair.one, pair.one_called], [pair.other, pair.other_called]] as const;
  const [[one, called], [other]] = pair.one_called.length < pair.other_called.length ? [pairs[1], pairs[0]] : pairs;
  const body = { what, one, other };
  return (
    <li class="card">
      <p class="soft">{own(what === "incident" ? "incidents" : "sources")}</p>
      <p class="where" dir="auto">
        <bdi>{pair.one_called}</bdi> · <bdi>{pair.other_called}</bdi>
      </p>
      <p class="soft">
        <code dir="ltr">{pair.one}</code> · <code dir="ltr">{pair.other}</code>
      </p>
      <ul>
        {pair.why.map(({ key, values }, i) => (
          <li key={pair.reasons[i]} class="why">
            {key in WHY ? own(WHY[key as keyof typeof WHY], isolated(values)) : pair.reasons[i]}
          </li>
        ))}
      </ul>
      {may("ledger") && (
        <div class="buttons">
          <Deed label={own("merge")} text={own("merge_text", { name: called })} body={{ ...body, do: "merge" }} own={own} done={decided} />
          <Deed label={own("apart")} text={own("apart_text")} body={{ ...body, do: "apart" }} own={own} done={decided} />
        </div>
      )}
    </li>
  );
}

export function Sources({ own }: Own) {
  const { voice, may } = useDesk();
  const [text, setText] = useState("");
  const pages = usePages<"after", SourcePage>(`${BELOW}/sources?${new URLSearchParams({ limit: "50", q: text })}`, "after");
  const page = pages.found === "failed" ? null : pages.found;
  return (
    <>
      <p class="filters">
        <label class="inline">
          {own("find")}
          <input type="search" dir="auto" maxLength={200} value={text} onChange={({ currentTarget: { value } }) => setText(value.trim())} />
        </label>
      </p>
      <Pager pages={pages} times={[]} />
      {pages.found === "failed" && <p role="alert">{voice.say("failed")}</p>}
      {page?.found === 0 && <p class="empty">{own("no_source")}</p>}
      <ul class="rows">
        {page?.sources.map((one) => (
          <SourceView key={one.source} source={one} own={own} />
        ))}
      </ul>
      {may("spotters") && <Reporters own={own} />}
    </>
  );
}

function Reporters({ own }: Own) {
  const { voice } = useDesk();
  const found = useFresh<{ reporters: readonly Reporter[] }>(`${BELOW}/reporters`, 60_000);
  if (found === null || found === "failed") return found === "failed" ? <p role="alert">{voice.say("failed")}</p> : null;
  const number = (count: number) => voice.words.number(count);
  return (
    <section class="finding reporters">
      <h3>{own("reporters")}</h3>
      <p class="soft">{own("reporters_text")}</p>
      {found.reporters.length === 0 && <p class="empty">{own("no_reporter")}</p>}
      <ul class="rows">
        {found.reporters.map(({ source, borne_out, alone, not_so, share, advice }) => (
          <li key={source} class="row">
            <p>
              <code dir="ltr">{source}</code>{" "}
              <span class="soft">
                {[own("borne_out", { count: number(borne_out) }), own("alone", { count: number(alone) }), own("not_so", { count: number(not_so) })].join(" · ")}
              </span>
            </p>
            {advice !== null && share !== null && (
              <p class="why">
                {own(`suggest_${advice}`, { share: voice.percent(share), count: number(borne_out + alone + not_so), wrong: number(not_so) })}
              </p>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

function SourceView({ source, own }: Own & { source: Source }) {
  const [first, ...others] = source.names;
  return (
    <li class="row source">
      <p>
        <strong>
          <bdi lang={first?.language || undefined}>{first?.text ?? source.source}</bdi>
        </strong>{" "}
        <span class="soft">{KINDS.includes(source.kind) ? own(`kind_${source.kind}` as "kind_unknown") : source.kind}</span>
      </p>
      {others.length > 0 && (
        <p class="soft">
          {own("names")}{" "}
          {others.map(({ text, language }, i) => (
            <span key={text}>
              {i > 0 && " · "}
              <bdi lang={language || undefined}>{text}</bdi>
            </span>
          ))}
        </p>
      )}
      {source.voice !== null && <p class="soft">{own("passes_on", { voice: source.voice })}</p>}
      {source.about !== "" && (
        <p class="soft" dir="auto">
          {source.about}
        </p>
      )}
    </li>
  );
}
