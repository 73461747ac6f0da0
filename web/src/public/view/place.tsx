// One of my places: is it affected, how long have I got, what do I do. The answer in the largest letters on the page.

import { useState } from "preact/hooks";
import { useWords } from "../context";
import { type Mine, saidOf } from "../hooks";
import type { Key } from "../../shared/i18n";
import { adviceOf } from "../../shared/model/inside";
import type { View } from "../../shared/model/live";
import { nameOf, otherName } from "../../shared/model/outlines";
import { nextDoor, type Standing } from "../../shared/model/place";
import { isSafe, type Quiet } from "../../shared/model/quiet";
import { share, type Shared } from "../../shared/model/share";
import { countdown } from "../../shared/model/urgency";
import { Icon } from "./icons";
import { Advice, Need } from "./inside";
import { Clock, levelKey, ThreatName, ZoneName } from "./parts";

export const SHELTER_S = 90;
// More names than these nobody reads in a hurry.
const NEXT_DOOR_MAX = 3;

interface Props {
  view: View;
  mine: Mine;
  quiet: Quiet;
  safe: () => void;
  need: (insideS: number | null) => void;
  remove: () => void;
}

export function Answer({ view, mine: { place, standing }, quiet, safe, need, remove }: Props) {
  const words = useWords();
  const { word, state } = standing;
  const zone = view.zones.get(place.id) ?? view.cities.get(place.id);
  const name = nameOf({ names: place.names }, place.id, words.language);
  const other = otherName({ names: place.names }, name);
  const zoneS = zone?.shelterS ?? SHELTER_S;
  const warned = word === "take_cover" || word === "prepare";
  const needS = place.insideS ?? zoneS;
  const advice = state !== null && warned ? adviceOf(state, needS, view.nowMs) : null;
  return (
    <section class={`card answer on-${word}`} data-word={word} aria-labelledby="place-name">
      <p class="place">
        <strong id="place-name">
          <bdi lang={name.lang}>{name.text}</bdi>
          {other !== null && (
            <small>
              <bdi lang={other.lang}>{other.text}</bdi>
            </small>
          )}
        </strong>
        <button type="button" class="quiet" onClick={remove}>
          {words.say("remove_place")}
        </button>
      </p>
      <div class="word" role="status" aria-live="assertive" aria-atomic="true">
        <Icon word={word} />
        <span class="said">
          <span class="hidden">{name.text}: </span>
          {words.say(levelKey(word))}
        </span>
      </div>
      {state !== null && warned && <Eta view={view} standing={standing} />}
      {advice !== null && <Advice advice={advice} needS={needS} />}
      {/* Who shall stay inside must not read beside it that he shall go. */}
      {advice?.kind !== "inner_room" && <p class="do">{words.say(`do_${word}` as Key)}</p>}
      {warned && <p class="without">{words.say("without")}</p>}
      {state?.publicReason && word !== "unknown" && (
        <p class="officer">
          <bdi>{state.publicReason}</bdi>
        </p>
      )}
      <NextDoor view={view} zones={place.zones} standing={standing} />
      <Doubts view={view} standing={standing} />
      <p class="details">
        {state?.sinceMs && word !== "unknown" && <span>{words.say("since", { time: words.time(state.sinceMs) })}</span>}
        {state !== null && state.zone !== place.id && word !== "unknown" && <ZoneName id={state.zone} zones={view.zones} />}
      </p>
      <Actions name={name.text} place={place.id} standing={standing} quiet={quiet} safe={safe} view={view} />
      <Need place={place} zoneS={zoneS} choose={need} />
    </section>
  );
}

/** What flies on may be here next; and who lives near a border belongs to both sides of it. */
function NextDoor({ view, zones, standing: { word } }: { view: View; zones: readonly string[]; standing: Standing }) {
  const words = useWords();
  const ids = nextDoor(zones, word, view.picture, view.zones);
  if (ids.length === 0) return null;
  // Each apart, whichever way it is written.
  const names = ids.slice(0, NEXT_DOOR_MAX).map((id) => `\u2068${nameOf(view.zones.get(id), id, words.language).text}\u2069`);
  if (ids.length > NEXT_DOOR_MAX) names.push(`+${words.number(ids.length - NEXT_DOOR_MAX)}`);
  return <p class="doubt">{words.say("next_door", { places: names.join(", ") })}</p>;
}

/** What keeps the word above from being the whole truth. */
function Doubts({ view, standing }: { view: View; standing: Standing }) {
  const words = useWords();
  const { word, ranOut } = standing;
  const time = view.picture?.pictureAtMs;
  return (
    <>
      {standing.lastKnown && (
        <p class="doubt">
          {words.say("last_known")} {time != null && words.say("last_seen", { time: words.moment(time) })}
        </p>
      )}
      {ranOut !== null && (
        <p class="doubt">
          {words.say("ran_out", { word: words.say(levelKey(ranOut.level)), time: words.moment(ranOut.expiresMs ?? view.nowMs) })}
        </p>
      )}
      {standing.degraded && word !== "unknown" && <p class="doubt">{words.say("degraded_here")}</p>}
      {standing.lessTime && <p class="doubt">{words.say("less_time_here")}</p>}
    </>
  );
}

interface ActionsProps {
  name: string;
  place: string;
  standing: Standing;
  quiet: Quiet;
  safe: () => void;
  view: View;
}

function Actions({ name, place, standing, quiet, safe, view }: ActionsProps) {
  const words = useWords();
  const [came, setCame] = useState<Shared | null>(null);
  const { word } = standing;
  const warned = word === "take_cover" || word === "prepare";
  const isQuiet = isSafe(quiet.safe[place], saidOf(standing), Date.now());
  const time = words.moment(view.picture?.pictureAtMs ?? view.nowMs);
  const drill = view.picture?.drill ? `${words.say("drill")} – ` : "";
  const text = `${drill}${words.say("shared_text", { place: name, word: words.say(levelKey(word)), time })}`;
  // Behind the number sign: browsers do not send it to anybody.
  const url = `${location.origin}/#${encodeURIComponent(place)}`;
  return (
    <>
      <p class="actions">
        {warned && !isQuiet && (
          <button type="button" class="safe" onClick={safe}>
            {words.say("safe")}
          </button>
        )}
        {view.picture !== null && (
          <button type="button" onClick={() => share(text, url).then(setCame)}>
            {words.say("share")}
          </button>
        )}
      </p>
      <p class="came" role="status">
        {warned && isQuiet && `✓ ${words.say("safe")}. ${words.say("safe_on")}`} {came === "copied" && words.say("copied")}
        {came === "failed" && <bdi>{`${text} ${url}`}</bdi>}
      </p>
    </>
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
      {/* Alone, "now" under "prepare" reads as an order. */}
      {left.kind === "now" && <span class="label">{words.say("earliest")}</span>}
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
