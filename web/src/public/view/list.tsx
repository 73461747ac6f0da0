// The zones under warning, most urgent first, and what the levels mean.

import { useEffect, useState } from "preact/hooks";
import { useWords } from "../context";
import type { View } from "../../shared/model/live";
import { type Word, wordsOf } from "../../shared/model/trust";
import { released, underWarning } from "../../shared/model/urgency";
import { Badge, Clock, ThreatName, ZoneName } from "./parts";

// A cheap phone redraws this many rows a second without stuttering; more than a screen is asked for.
const ROWS_FIRST = 12;
const RELEASED_MAX = 100;
const WORDS = ["take_cover", "prepare", "all_clear", "none", "unknown"] as const;

export function WarningList({ view, select }: { view: View; select: (zone: string) => void }) {
  const words = useWords();
  const [all, setAll] = useState(false);
  const { picture, nowMs, zones } = view;
  const [states, free] = picture === null ? [[], []] : [underWarning(picture.zones.values()), released(picture.zones.values())];
  const rows = all ? states : states.slice(0, ROWS_FIRST);
  const wordOf = wordsOf(picture, view.trust, nowMs);
  const blind = picture === null || [...picture.zones.values()].every((state) => wordOf(state) === "unknown");
  return (
    <section class="card warnings" aria-labelledby="warnings">
      <h2 id="warnings">{words.say("under_warning")}</h2>
      {states.length > 0 && <Counts words={states.map(wordOf)} />}
      {states.length === 0 && <p class="nothing">{words.say(blind ? "nothing_known" : "nothing")}</p>}
      <ol>
        {rows.map((state) => (
          <li key={state.zone}>
            <button type="button" class="row" onClick={() => select(state.zone)}>
              <span class="row-name">
                <ZoneName id={state.zone} zones={zones} />
                <ThreatName state={state} />
              </span>
              <Clock state={state} nowMs={nowMs} />
              <Badge word={wordOf(state)} />
            </button>
          </li>
        ))}
      </ol>
      {states.length > rows.length && (
        <button type="button" class="quiet all" onClick={() => setAll(true)}>
          {words.say("show_all", { count: words.number(states.length) })}
        </button>
      )}
      {free.length > 0 && (
        <details class="released">
          <summary>
            {words.say("released")}: {words.number(free.length)}
          </summary>
          <ul>
            {free.slice(0, RELEASED_MAX).map((state) => (
              <li key={state.zone}>
                <button type="button" class="row" onClick={() => select(state.zone)}>
                  <span class="row-name">
                    <ZoneName id={state.zone} zones={zones} />
                  </span>
                  <Badge word={wordOf(state)} />
                </button>
              </li>
            ))}
          </ul>
        </details>
      )}
    </section>
  );
}

function Counts({ words: said }: { words: readonly Word[] }) {
  const words = useWords();
  const counts = WORDS.map((word) => [word, said.filter((one) => one === word).length] as const);
  return (
    <ul class="counts">
      {counts
        .filter(([, count]) => count > 0)
        .map(([word, count]) => (
          <li key={word}>
            <Badge word={word} />
            <b>{words.number(count)}</b>
          </li>
        ))}
    </ul>
  );
}

type Pages = Readonly<Record<"incidents" | "verify", boolean>>;

/** Which pages there are beside this one; null: not known, as from a plain web server or without a line. */
function usePages(): Pages | null {
  const [pages, setPages] = useState<Pages | null>(null);
  useEffect(() => {
    fetch("/v1/pages")
      .then((answer) => (answer.ok ? answer.json() : null))
      .then(setPages, () => undefined);
  }, []);
  return pages;
}

export function Legend() {
  const words = useWords();
  const pages = usePages();
  return (
    <footer class="card legend">
      <details>
        <summary>{words.say("legend")}</summary>
        <dl>
          {WORDS.map((word) => (
            <div key={word}>
              <dt>
                <Badge word={word} />
              </dt>
              <dd>{words.say(`do_${word}`)}</dd>
            </div>
          ))}
          <div>
            <dt>
              <Badge word="degraded" />
            </dt>
            <dd>{words.say("legend_degraded")}</dd>
          </div>
        </dl>
      </details>
      <p>{words.say("caution")}</p>
      <p class="small">
        <a href="/plain">{words.say("plain")}</a> · <a href="/feed.atom">{words.say("feed")}</a>
        {(["incidents", "verify"] as const).map((one) => pages?.[one] && [" · ", <a key={one} href={`/${one}`}>{words.say(`page_${one}`)}</a>])}
      </p>
      <p class="small">
        {words.say("names")} · {words.say("land")}
      </p>
    </footer>
  );
}
