// What stands above everything: the drill mark, the name, and whether the page may be believed.

import { useWords } from "../context";
import { isLanguage, type Key, LANGUAGES, type Language } from "../../shared/i18n";
import type { View } from "../../shared/model/live";
import { blindZones } from "../../shared/model/picture";
import type { Trust } from "../../shared/model/trust";
import { Bell, Icon } from "./icons";

export function DrillBanner() {
  const words = useWords();
  return (
    <aside class="drill" aria-label={words.say("drill")}>
      <strong>{words.say("drill")}</strong> <span>{words.say("drill_text")}</span>
    </aside>
  );
}

export function Header({ view, choose }: { view: View; choose: (language: Language) => void }) {
  const words = useWords();
  return (
    <header class="top">
      <Bell />
      <div class="masthead">
        <h1>
          Tocsin <span>{words.say("title")}</span>
        </h1>
        <Age view={view} />
      </div>
      <select
        aria-label={words.say("language")}
        value={words.language}
        onChange={(event) => isLanguage(event.currentTarget.value) && choose(event.currentTarget.value)}
      >
        {Object.entries(LANGUAGES).map(([tag, name]) => (
          <option key={tag} value={tag} lang={tag}>
            {name}
          </option>
        ))}
      </select>
    </header>
  );
}

/** How old what you see is, always in sight. */
function Age({ view }: { view: View }) {
  const words = useWords();
  const age =
    view.ageMs === null ? words.say("age_none") : words.say("age", { time: words.duration(view.ageMs / 1000) });
  const live = view.trust.kind === "live" || view.trust.kind === "degraded";
  return (
    <p class={live ? "age live" : "age dead"} data-trust={view.trust.kind}>
      {live && <b>{words.say("live")}</b>} <span>{age}</span>
    </p>
  );
}

function trustTime(trust: Trust): number {
  return trust.kind === "lost" ? trust.silentMs : trust.kind === "stale" ? trust.ageMs : 0;
}

/** Says, where it cannot be overlooked, that the page may not be believed. Nothing when it may. */
export function TrustBanner({ view }: { view: View }) {
  const words = useWords();
  const { trust } = view;
  // The heading alone is announced: its words stay the same while the seconds below it run.
  const heading = trust.kind === "live" ? "" : words.say(`trust_${trust.kind}` as Key);
  const fill = (): Record<string, string> => ({
    time: words.duration(trustTime(trust) / 1000),
    count: words.number(view.picture === null ? 0 : blindZones(view.picture).size),
  });
  return (
    <aside class={`trust trust-${trust.kind}`} data-trust={trust.kind} aria-label={words.say("title")}>
      <div role="alert" class="trust-heading">
        {heading !== "" && (
          <>
            <Icon word="degraded" /> {heading}
          </>
        )}
      </div>
      {heading !== "" && <p>{words.say(`trust_${trust.kind}_text` as Key, trust.kind === "waiting" ? {} : fill())}</p>}
    </aside>
  );
}
