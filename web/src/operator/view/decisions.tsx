// What needs a decision, what stands by officers' word, and what is left to do about each.

import type { Asked } from "../act/asked";
import { type Desk, type Tab, useDesk } from "../desk";
import type { Can, Needed, Standing, WaitingAct } from "../model/wire";
import { peopleIn } from "../map/geometry";
import { Left, Said, Section } from "./parts";
import { otherwiseOf, whyOf } from "./why";

const zonesOf = (can: Can, needed: Needed): readonly string[] => (can.body?.zones as readonly string[] | undefined) ?? needed.zones;

/** What a proposed action is here; null where it is only to be looked at. */
export function askedFor(can: Can, needed: Needed, desk: Pick<Desk, "view" | "session">): Asked | null {
  const picture = desk.view.picture;
  const zones = zonesOf(can, needed);
  switch (can.do) {
    case "approve": {
      const waiting = picture?.waiting.find(({ act, operator }) => act === can.body?.act && operator === (can.body?.act_of ?? operator));
      return waiting === undefined ? null : { do: "approve", zones: waiting.zones, waiting };
    }
    case "extend": {
      const standing = picture?.standing.find((one) => one.action === "raise" && zones.some((zone) => one.zones.includes(zone)));
      return standing === undefined ? { do: "raise", zones } : { do: "extend", zones, standing };
    }
    case "raise":
      return { do: "raise", zones, ...(can.body?.level === undefined ? {} : { level: can.body.level as "prepare" | "take_cover" }) };
    case "confirm":
    case "cancel":
    case "release":
      return { do: can.do, zones };
    case "retract":
      return { do: "retract", zones: everythingRaised(desk) };
    default:
      return null;
  }
}

/** Zones that stand or are proposed: what a retraction of everything takes back. */
export function everythingRaised({ view: { picture } }: Pick<Desk, "view">): string[] {
  const warned = picture?.zones.filter(({ level }) => level === "prepare" || level === "take_cover").map(({ zone }) => zone) ?? [];
  return [...new Set([...warned, ...(picture?.proposals.map(({ zone }) => zone) ?? [])])];
}

const TABS: Readonly<Record<string, Tab>> = {
  sensor: "sensors", source: "sensors", service: "log", channel: "delivery", canary: "delivery", one_source: "sky",
  minutes: "minutes",
};

function look(needed: Needed, desk: Desk): void {
  desk.chooseZones(needed.zones);
  if (needed.tracks[0] !== undefined) desk.chooseTrack(needed.tracks[0]);
  const tab = TABS[needed.kind] ?? "zones";
  desk.open(desk.tabs.includes(tab) ? tab : "zones");
}

function Buttons({ needed }: { needed: Needed }) {
  const desk = useDesk();
  const { say } = desk.voice;
  return (
    <p class="buttons">
      {needed.can
        .filter((can) => can.do !== "look")
        .map((can, i) => {
          const asked = askedFor(can, needed, desk);
          const own = asked?.do === "approve" && asked.waiting.operator === desk.session.id;
          const permitted = can.do === "approve" ? desk.may("approve") : desk.may("act");
          return (
            <button key={can.do} type="button" class={i === 0 ? "main" : ""} disabled={!permitted || own || desk.past !== null || asked === null} onClick={() => desk.ask(asked)}>
              {say(`verb_${can.do}` as "verb_raise")}
            </button>
          );
        })}
      <button type="button" onClick={() => look(needed, desk)}>
        {say("verb_look")}
      </button>
    </p>
  );
}

function Card({ needed }: { needed: Needed }) {
  const { voice, view, session } = useDesk();
  const { say, words } = voice;
  const waiting = useWaiting(needed);
  const [why, otherwise] = [whyOf(needed, voice), otherwiseOf(needed, voice)];
  return (
    <li class={`card kind-${needed.kind}`} tabIndex={-1} data-decision={needed.id}>
      <p class="card-head">
        <strong>{say(`need_${needed.kind}` as "need_approval")}</strong>
        {needed.deadline !== null && <Left at={needed.deadline} none="" />}
      </p>
      {needed.zone_count > 0 && (
        <p class="where">
          {voice.zones(needed.zones, view.zones, needed.zone_count)} · {say("people", { people: words.number(needed.people) })}
        </p>
      )}
      <p class="why">
        <Said told={why} />
      </p>
      {otherwise.text !== "" && (
        <p class="otherwise">
          {say("otherwise")} <Said told={otherwise} />
        </p>
      )}
      {waiting !== null && <p class="by">{say("waits_of", { who: waiting.operator, time: voice.zoned(waiting.ends) })}</p>}
      {waiting?.operator === session.id && <p class="own">{say("not_your_own")}</p>}
      <Buttons needed={needed} />
    </li>
  );
}

/** The act that waits for a second person, where that is what is to be decided. */
function useWaiting(needed: Needed): WaitingAct | null {
  const desk = useDesk();
  for (const can of needed.can) {
    const asked = can.do === "approve" ? askedFor(can, needed, desk) : null;
    if (asked?.do === "approve") return asked.waiting;
  }
  return null;
}

export function Decisions() {
  const { shown, voice, past } = useDesk();
  const all = shown?.decisions ?? [];
  return (
    <Section id="decisions" title={voice.say("decisions")} count={voice.words.number(all.length)}>
      {all.length === 0 && <p class="empty">{voice.say(shown === null ? "nothing_known" : "no_decisions")}</p>}
      <ol class="cards" inert={past !== null}>
        {all.map((needed) => (
          <Card key={needed.id} needed={needed} />
        ))}
      </ol>
    </Section>
  );
}

function Order({ standing }: { standing: Standing }) {
  const desk = useDesk();
  const { voice, view, acting } = desk;
  const { say, words } = voice;
  const people = say("people", { people: words.number(peopleIn(standing.zones, view.zones)) });
  const { zones } = standing;
  return (
    <li class="card">
      <p class="card-head">
        <strong>{standing.action === "raise" ? say("raised", { level: voice.level(standing.level ?? "") }) : say("cancelled")}</strong>
        <Left at={standing.ends} none={say("until_released")} />
      </p>
      <p class="where">
        {voice.zones(zones, view.zones)} · {people}
      </p>
      <p class="by">
        <bdi>{standing.operator}</bdi>
        {standing.approved_by !== null && <> + <bdi>{standing.approved_by}</bdi></>} · {voice.time(standing.since)}
        {standing.reason !== "" && <> · <bdi>{standing.reason}</bdi></>}
      </p>
      <p class="buttons">
        {standing.action === "raise" && (
          <>
            <button type="button" disabled={!acting} onClick={() => desk.ask({ do: "extend", zones, standing })}>
              {say("verb_extend")}
            </button>
            <button type="button" disabled={!acting} onClick={() => desk.ask({ do: "cancel", zones })}>
              {say("verb_cancel")}
            </button>
          </>
        )}
        <button type="button" disabled={!acting} onClick={() => desk.ask({ do: "release", zones })}>
          {say("verb_release")}
        </button>
      </p>
    </li>
  );
}

/** Raises and cancels that stand. Acts that wait for a second person are decisions. */
export function Orders() {
  const { shown, voice, past } = useDesk();
  const standing = shown?.standing ?? [];
  return (
    <Section id="orders" title={voice.say("orders")} count={voice.words.number(standing.length)}>
      {standing.length === 0 && <p class="empty">{voice.say("no_orders")}</p>}
      <ul class="cards" inert={past !== null}>
        {standing.map((one) => (
          <Order key={`${one.operator} ${one.act} ${one.ends}`} standing={one} />
        ))}
      </ul>
    </Section>
  );
}
