// The zones under warning, most urgent first, and what the levels mean.

import { useState } from "preact/hooks";
import { useWords } from "../context";
import type { View } from "../../shared/model/live";
import { countByLevel } from "../../shared/model/picture";
import { isBlind } from "../../shared/model/trust";
import { underWarning } from "../../shared/model/urgency";
import { Badge, Clock, ThreatName, ZoneName } from "./parts";

// A cheap phone redraws this many rows a second without stuttering.
const ROWS_FIRST = 40;

export function WarningList({ view, select }: { view: View; select: (zone: string) => void }) {
  const words = useWords();
  const [all, setAll] = useState(false);
  const { picture, nowMs, zones } = view;
  const states = picture === null ? [] : underWarning(picture.zones.values());
  const rows = all ? states : states.slice(0, ROWS_FIRST);
  const blind = isBlind(view.trust) || picture === null;
  return (
    <section class="card warnings" aria-labelledby="warnings">
      <h2 id="warnings">{words.say("under_warning")}</h2>
      {picture !== null && <Counts view={view} />}
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
              <Badge word={state.level === "all_clear" && (blind || state.degraded) ? "unknown" : state.level} />
            </button>
          </li>
        ))}
      </ol>
      {states.length > rows.length && (
        <button type="button" class="quiet all" onClick={() => setAll(true)}>
          {words.say("show_all", { count: words.number(states.length) })}
        </button>
      )}
    </section>
  );
}

function Counts({ view }: { view: View }) {
  const words = useWords();
  const counts = view.picture && countByLevel(view.picture);
  if (counts === null) return null;
  const shown = (["take_cover", "prepare", "all_clear"] as const).filter((level) => counts[level] > 0);
  return (
    <ul class="counts">
      {shown.map((level) => (
        <li key={level}>
          <Badge word={level === "all_clear" && isBlind(view.trust) ? "unknown" : level} />
          <b>{words.number(counts[level])}</b>
        </li>
      ))}
    </ul>
  );
}

export function Legend() {
  const words = useWords();
  return (
    <footer class="card legend">
      <details>
        <summary>{words.say("legend")}</summary>
        <dl>
          {(["take_cover", "prepare", "all_clear", "none", "unknown"] as const).map((word) => (
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
        <a href="/feed.atom">{words.say("feed")}</a> · {words.say("land")}
      </p>
    </footer>
  );
}
