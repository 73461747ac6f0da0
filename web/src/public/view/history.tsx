// What befell my places, as this device and the service saw it.

import { useEffect, useState } from "preact/hooks";
import { useWords } from "../context";
import type { Mine } from "../hooks";
import { merged, type Span } from "../../shared/model/history";
import { toldSpans } from "../../shared/model/history_told";
import { nameOf } from "../../shared/model/outlines";
import { Badge } from "./parts";

const SHOWN_MAX = 50;

export function History({ mine, spans }: { mine: readonly Mine[]; spans: readonly Span[] }) {
  const words = useWords();
  const [open, setOpen] = useState(false);
  const [told, setTold] = useState<readonly Span[]>([]);
  useEffect(() => {
    if (!open) return;
    toldSpans(mine.map(({ place }) => place)).then(setTold, (error) => console.warn("tocsin: no history", error));
  }, [open, mine.length]);
  const shown = merged(spans, told)
    .filter(({ place }) => mine.some((one) => one.place.id === place))
    .slice(0, SHOWN_MAX);
  const names = new Map(mine.map(({ place }) => [place.id, nameOf({ names: place.names }, place.id, words.language)]));
  return (
    <details class="card history" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{words.say("history")}</summary>
      {shown.length === 0 && <p>{words.say("history_none")}</p>}
      <ol>
        {shown.map(({ place, word, fromMs, toMs, drill }) => (
          <li key={`${place}/${word}/${fromMs}`}>
            <span class="row-name">
              <bdi lang={names.get(place)?.lang}>{names.get(place)?.text}</bdi>
              <small>
                {words.moment(fromMs)} – {toMs === null ? "…" : words.time(toMs)}
                {drill && ` · ${words.say("drill")}`}
              </small>
            </span>
            <Badge word={word} />
          </li>
        ))}
      </ol>
      <p class="hint">{words.say("history_gaps")}</p>
    </details>
  );
}
