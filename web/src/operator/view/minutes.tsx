// The minutes of warning, for planners: against each class what every town has now, and what it has lost.

import { useEffect, useState } from "preact/hooks";
import type { Say } from "../../shared/i18n";
import { useOwn } from "../../shared/i18n/hooks";
import { MINUTES, type MinutesKey } from "../../shared/i18n/minutes";
import { callAnew, Refused } from "../call";
import { useDesk } from "../desk";
import { type ClassMinutes, lackingOf, type Minutes, rowsOf, type Row } from "../model/minutes";
import { Section, ZoneName } from "./parts";

const PATH = "/v1/console/minutes";
// A lost sensor changes them within a second; until then little more than a header goes to and fro.
const FRESH_MS = 2_000;
const SHOWN_MAX = 150;
const NAMED_MAX = 5;

/** The newest, or why there are none. */
function useMinutes(wanted: boolean): { readonly found: Minutes | null; readonly why: string | null } {
  const { voice } = useDesk();
  const [found, setFound] = useState<Minutes | null>(null);
  const [why, setWhy] = useState<string | null>(null);
  const failed = voice.say("failed");
  useEffect(() => {
    if (!wanted) return;
    let [here, tag] = [true, null as string | null];
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ask = async () => {
      try {
        const anew = await callAnew<Minutes>(PATH, tag);
        if (!here) return;
        if (anew !== null) {
          tag = anew.tag;
          setFound(anew.value);
        }
        setWhy(null);
      } catch (error) {
        if (here) setWhy(error instanceof Refused ? error.detail : failed);
      }
      if (here) timer = setTimeout(ask, FRESH_MS);
    };
    void ask();
    return () => {
      here = false;
      clearTimeout(timer);
    };
  }, [wanted, failed]);
  return { found, why };
}

export function MinutesTab() {
  const { voice, past } = useDesk();
  const own = useOwn(MINUTES, voice.words.language);
  const { found, why } = useMinutes(past === null);
  return (
    <Section id="minutes" title={voice.say("tab_minutes")}>
      {past !== null && <p class="empty">{voice.say("not_in_past")}</p>}
      {past === null && why !== null && (
        <p role="alert" dir="auto">
          {own("not_yet", { why })}
        </p>
      )}
      {past === null && found !== null && <Shown found={found} own={own} />}
    </Section>
  );
}

function Shown({ found, own }: { found: Minutes; own: Say<MinutesKey> }) {
  const { voice, chooseSensor, open } = useDesk();
  const [chosen, choose] = useState("");
  const shown = found.classes.find(({ threat }) => threat === chosen) ?? found.classes[0];
  const named = found.lost.slice(0, NAMED_MAX).join(", ");
  const more = found.lost.length - NAMED_MAX;
  const sensors = more > 0 ? voice.say("and_more", { names: named, count: voice.words.number(more) }) : named;
  const look = () => {
    chooseSensor(found.lost[0] ?? null);
    open("sensors");
  };
  return (
    <>
      {found.lost.length === 0 ? (
        <p class="soft">{own("as_usual")}</p>
      ) : (
        <p class="blind-note less">
          {own("without", { sensors, time: voice.zoned(found.since) })}{" "}
          <button type="button" onClick={look}>
            {voice.say("tab_sensors")}
          </button>
        </p>
      )}
      <p class="filters" role="group" aria-label={own("class")}>
        {found.classes.map((one) => (
          <button key={one.threat} type="button" aria-pressed={one === shown} onClick={() => choose(one.threat)}>
            {voice.threat(one.threat)}
            {fallen(one) && <span aria-hidden="true"> ▾</span>}
          </button>
        ))}
      </p>
      {shown !== undefined && <ClassShown key={shown.threat} one={shown} own={own} />}
    </>
  );
}

/** Whether people have less of this class than usual, by one in a hundred. */
const fallen = ({ enough_now, enough_usual }: ClassMinutes) => enough_now < 0.99 * enough_usual;

function ClassShown({ one, own }: { one: ClassMinutes; own: Say<MinutesKey> }) {
  const { voice, view, showLacking } = useDesk();
  const { words } = voice;
  useEffect(() => showLacking(lackingOf(one)), [one, showLacking]);
  useEffect(() => () => showLacking(null), [showLacking]);
  const rows = rowsOf(one, view.zones);
  if (rows.length === 0) return <p class="empty">{own("none_come")}</p>;
  const now = words.number(one.enough_now);
  return (
    <>
      <p class="enough">
        <span class="soft">{own("enough")}</span>
        <strong>{fallen(one) ? own("instead", { now, usual: words.number(one.enough_usual) }) : now}</strong>
        <meter min={0} max={Math.max(1, one.enough_usual)} value={one.enough_now} aria-label={own("enough")} />
      </p>
      <p class="soft lacking">
        <span aria-hidden="true" /> {own("on_map")}
      </p>
      <table class="minutes">
        <thead>
          <tr>
            <th scope="col">{own("zone")}</th>
            <th scope="col">{own("least")}</th>
            <th scope="col">{own("median")}</th>
            <th scope="col">{own("inside")}</th>
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, SHOWN_MAX).map((row) => (
            <ZoneRow key={row.zone} row={row} own={own} />
          ))}
        </tbody>
      </table>
      {rows.length > SHOWN_MAX && <p class="empty">{voice.say("more_not_shown", { count: words.number(rows.length - SHOWN_MAX) })}</p>}
      <p class="soft means">{own("means")}</p>
    </>
  );
}

function ZoneRow({ row, own }: { row: Row; own: Say<MinutesKey> }) {
  const { voice, zones, chooseZones } = useDesk();
  const clock = (seconds: number | null) => (seconds === null ? "–" : voice.words.clock(Math.floor(seconds)));
  const share = (value: number | null) => (value === null ? "–" : voice.percent(value));
  const { zone, now, usual } = row;
  const cells = [
    [clock(now.tracked_least_s), clock(usual.tracked_least_s)],
    [clock(now.tracked_median_s), clock(usual.tracked_median_s)],
    [share(now.could), share(usual.could)],
  ] as const;
  return (
    <tr class={row.changed ? "changed" : undefined}>
      <th scope="row">
        <button type="button" class="name" aria-pressed={zones.has(zone)} onClick={() => chooseZones(zones.has(zone) ? [] : [zone])}>
          <ZoneName id={zone} />
        </button>
      </th>
      {cells.map(([value, was], i) => (
        <td key={i} class={value === was ? undefined : "other"}>
          <bdi dir="ltr">{value}</bdi>
          {value !== was && <small>{own("usually", { value: was })}</small>}
        </td>
      ))}
    </tr>
  );
}
