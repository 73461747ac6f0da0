// "Is my place affected?": the question, and the answer in the largest letters on the page.

import { useWords } from "../context";
import type { Key } from "../../shared/i18n";
import type { View } from "../../shared/model/live";
import { nameOf, otherName } from "../../shared/model/outlines";
import { type Standing, zonesOf } from "../../shared/model/place";
import { countdown } from "../../shared/model/urgency";
import { Finder } from "./finder";
import { Icon } from "./icons";
import { Clock, levelKey, ThreatName, ZoneName } from "./parts";
import { PushSwitch } from "./push";

interface Props {
  view: View;
  place: string | null;
  standing: Standing | null;
  choose: (zone: string | null) => void;
  alarmOn: boolean;
  toggleAlarm: () => void;
}

export function Place(props: Props) {
  const words = useWords();
  const { view, place, standing, choose } = props;
  const known = (id: string) => view.zones.has(id) || view.cities.has(id) || view.picture?.zones.has(id);
  const gone = place !== null && view.outlines === "ready" && !known(place);
  if (place === null || standing === null || gone) {
    return (
      <section class="card ask" aria-labelledby="ask">
        <h2 id="ask">{words.say("ask")}</h2>
        {gone && <p class="problem">{words.say("gone")}</p>}
        <Finder view={view} choose={choose} />
      </section>
    );
  }
  return <Answer {...props} place={place} standing={standing} />;
}

function Answer({
  view,
  place,
  standing,
  choose,
  alarmOn,
  toggleAlarm,
}: Props & { place: string; standing: Standing }) {
  const words = useWords();
  const { word, state } = standing;
  const zone = view.zones.get(place) ?? view.cities.get(place);
  const name = nameOf(zone, place, words.language);
  const other = zone === undefined ? null : otherName(zone, name);
  return (
    <section class={`card answer on-${word}`} data-word={word} aria-labelledby="place-name">
      <p class="place">
        <span class="label">{words.say("my_place")}</span>
        <strong id="place-name">
          <bdi lang={name.lang}>{name.text}</bdi>
          {other !== null && (
            <small>
              <bdi lang={other.lang}>{other.text}</bdi>
            </small>
          )}
        </strong>
        <button type="button" class="quiet" onClick={() => choose(null)}>
          {words.say("change")}
        </button>
      </p>
      <div class="word" role="status" aria-live="assertive" aria-atomic="true">
        <Icon word={word} />
        <span class="said">
          <span class="hidden">{name.text}: </span>
          {words.say(levelKey(word))}
        </span>
      </div>
      {state !== null && <Eta view={view} standing={standing} />}
      <p class="do">{words.say(`do_${word}` as Key)}</p>
      {state?.publicReason && word !== "unknown" && (
        <p class="officer">
          <bdi>{state.publicReason}</bdi>
        </p>
      )}
      {standing.lastKnown && <p class="doubt">{words.say("last_known")}</p>}
      {standing.degraded && word !== "unknown" && <p class="doubt">{words.say("degraded_here")}</p>}
      <p class="details">
        {word === "take_cover" && zone?.shelterS ? (
          <span>{words.say("shelter", { time: words.duration(zone.shelterS) })}</span>
        ) : null}
        {state?.sinceMs && word !== "unknown" && <span>{words.say("since", { time: words.time(state.sinceMs) })}</span>}
        {state !== null && state.zone !== place && word !== "unknown" && (
          <ZoneName id={state.zone} zones={view.zones} />
        )}
      </p>
      <button type="button" class="alarm" aria-pressed={alarmOn} title={words.say("alarm_text")} onClick={toggleAlarm}>
        {words.say(alarmOn ? "alarm_off" : "alarm_on")}
      </button>
      <PushSwitch zones={zonesOf(place, view.zones, view.cities)} />
    </section>
  );
}

function Eta({ view, standing }: { view: View; standing: Standing }) {
  const words = useWords();
  const { state } = standing;
  const left = state && countdown(state, view.nowMs);
  if (state === null || left === null) return null;
  return (
    <p class="eta">
      {left.kind === "in" && <span class="label">{words.say("earliest_in")}</span>}
      <Clock state={state} nowMs={view.nowMs} />
      <span class="more">
        <ThreatName state={state} />
        {state.etaLikelyMs !== null && state.etaLikelyMs > view.nowMs && (
          <span>{words.say("likely_at", { time: words.time(state.etaLikelyMs) })}</span>
        )}
      </span>
    </p>
  );
}
