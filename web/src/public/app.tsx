// The page: are my places affected, how long have I got, is it over, and may I believe this?

import { useEffect, useState } from "preact/hooks";
import { WordsContext } from "./context";
import { type Mine, useAlarm, useHistory, useLive, usePlaces, useQuiet, useRenewed, useSettled } from "./hooks";
import type { Words } from "../shared/i18n";
import { useLanguage } from "../shared/i18n/hooks";
import type { View } from "../shared/model/live";
import { nameOf } from "../shared/model/outlines";
import { standing } from "../shared/model/place";
import { added, placeOf } from "../shared/model/places";
import { Alarms, PauseBanner } from "./view/alarms";
import { History } from "./view/history";
import { Legend, WarningList } from "./view/list";
import { Places } from "./view/mine";
import { levelKey } from "./view/parts";
import { Shelters } from "./view/shelters";
import { Sites } from "./view/sites";
import { Stage } from "./view/stage";
import { DrillBanner, Header, TrustBanner } from "./view/top";
import { UpdateBanner } from "./view/update";

/** "DRILL · Take cover · Homs · Tocsin": what a glance at the tab must tell. */
function titleOf(view: View, words: Words, main: Mine | undefined): string {
  const parts = view.picture?.drill ? [words.say("drill")] : [];
  if (main !== undefined) {
    parts.push(words.say(levelKey(main.standing.word)), nameOf({ names: main.place.names }, main.place.id, words.language).text);
  } else if (view.trust.kind !== "live" && view.trust.kind !== "waiting") {
    parts.push(words.say(`trust_${view.trust.kind}`));
  }
  return [...parts, "Tocsin"].join(" · ");
}

/** The place that a shared link is about; the number sign keeps it on the device. */
function linked(): string | null {
  try {
    return decodeURIComponent(location.hash.slice(1)) || null;
  } catch {
    return null;
  }
}

export function App() {
  const [places, change, kept] = usePlaces();
  const { view, live, thin } = useLive(places);
  const [words, chooseLanguage] = useLanguage();
  const [shown, show] = useState<string | null>(linked);
  const [selected, select] = useState<string | null>(linked);
  const [quiet, setQuiet] = useQuiet();
  useRenewed(view, change);
  const mine = places.map((place) => ({ place, standing: standing(place.zones, view.picture, view.trust, view.nowMs) }));
  const main = mine.find(({ place }) => place.id === shown) ?? mine[0];
  useSettled(mine, quiet, setQuiet);
  const alarm = useAlarm(mine, quiet);
  const spans = useHistory(mine, view);
  const title = titleOf(view, words, main);
  useEffect(() => {
    document.title = title;
  }, [title]);
  const choose = (id: string) => {
    change((before) => added(before, placeOf(id, view.zones, view.cities)));
    show(id);
  };
  const zones = [...new Set(places.flatMap((place) => place.zones))];
  const place = main?.place.id ?? null;
  const wantOutlines = () => live.wantOutlines();
  // Of a place that an older page kept no more than its id is known.
  const unnamed = places.some(({ id, names }) => names === id);
  useEffect(() => {
    if (unnamed) live.wantOutlines();
  }, [unnamed, live]);
  return (
    <WordsContext.Provider value={words}>
      {view.picture?.drill && <DrillBanner />}
      <Header view={view} choose={chooseLanguage} />
      <TrustBanner view={view} />
      <PauseBanner quiet={quiet} setQuiet={setQuiet} />
      <UpdateBanner calm={mine.every(({ standing: { word } }) => word === "none" || word === "all_clear")} />
      <main>
        <div class="side">
          <Places
            {...{ view, mine, shown, show, change, kept, quiet, setQuiet, wantOutlines }}
            silence={alarm.silence}
          />
        </div>
        <Stage {...{ view, place, selected, select, choose, thin, wantOutlines }} />
        <div class="side below">
          {mine.length > 0 && <Alarms zones={zones} on={alarm.on} toggle={alarm.toggle} quiet={quiet} setQuiet={setQuiet} />}
          <WarningList view={view} select={select} />
          <Sites nowMs={view.nowMs} />
          <Shelters mine={main} />
          {mine.length > 0 && <History mine={mine} spans={spans} />}
          <Legend />
        </div>
      </main>
    </WordsContext.Provider>
  );
}
