// The page: is my place affected, how long have I got, is it over, and may I believe this?

import { useEffect, useState } from "preact/hooks";
import { WordsContext } from "./context";
import { useAlarm, useLanguage, useLive, usePlace } from "./hooks";
import type { Words } from "../shared/i18n";
import type { View } from "../shared/model/live";
import { nameOf } from "../shared/model/outlines";
import { type Standing, standing as standingOf, zonesOf } from "../shared/model/place";
import { Legend, WarningList } from "./view/list";
import { levelKey } from "./view/parts";
import { Place } from "./view/place";
import { Stage } from "./view/stage";
import { DrillBanner, Header, TrustBanner } from "./view/top";

/** "DRILL · Take cover · Homs · Tocsin": what a glance at the tab must tell. */
function titleOf(view: View, words: Words, place: string | null, standing: Standing | null): string {
  const parts = view.picture?.drill ? [words.say("drill")] : [];
  if (place !== null && standing !== null) {
    parts.push(words.say(levelKey(standing.word)), nameOf(view.zones.get(place) ?? view.cities.get(place), place, words.language).text);
  } else if (view.trust.kind !== "live" && view.trust.kind !== "waiting") {
    parts.push(words.say(`trust_${view.trust.kind}`));
  }
  return [...parts, "Tocsin"].join(" · ");
}

export function App() {
  const view = useLive();
  const [words, chooseLanguage] = useLanguage();
  const [place, choosePlace] = usePlace();
  const [selected, select] = useState<string | null>(null);
  const standing = place === null ? null : standingOf(zonesOf(place, view.zones, view.cities), view.picture, view.trust);
  const [alarmOn, toggleAlarm] = useAlarm(standing);
  const title = titleOf(view, words, place, standing);
  useEffect(() => {
    document.title = title;
  }, [title]);
  return (
    <WordsContext.Provider value={words}>
      {view.picture?.drill && <DrillBanner />}
      <Header view={view} choose={chooseLanguage} />
      <TrustBanner view={view} />
      <main>
        <div class="side">
          <Place
            view={view}
            place={place}
            standing={standing}
            choose={choosePlace}
            alarmOn={alarmOn}
            toggleAlarm={toggleAlarm}
          />
        </div>
        <Stage view={view} place={place} selected={selected} select={select} choose={choosePlace} />
        <div class="side below">
          <WarningList view={view} select={select} />
          <Legend />
        </div>
      </main>
    </WordsContext.Provider>
  );
}
