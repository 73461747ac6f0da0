// What flies, as a list: the same as on the map, for whoever does not use it.

import { useDesk } from "../desk";
import type { Track } from "../model/wire";
import { ClassSign } from "./legend";
import { Facts, Section } from "./parts";

const SHOWN_MAX = 150;

function order(one: Track, other: Track): number {
  const civil = (track: Track) => Number(track.cooperative || track.threat === "civil");
  return civil(one) - civil(other) || other.sensors - one.sensors || (one.id < other.id ? -1 : 1);
}

function Details({ track }: { track: Track }) {
  const { voice } = useDesk();
  const { say, words } = voice;
  const metres = (value: number) => say("metres", { count: words.number(Math.round(value)) });
  const classes = Object.entries(track.classes).sort(([, a], [, b]) => b - a).slice(0, 4);
  const { ellipse } = track;
  return (
    <Facts
      rows={[
        [say("class_odds"), classes.map(([name, share]) => `${voice.threat(name)} ${voice.percent(share)}`).join(" · ")],
        [say("speed"), say("kmh", { count: words.number(Math.round(track.speed_mps * 3.6)) })],
        [say("course"), `${words.number(Math.round(track.heading_deg))}°`],
        [say("altitude"), track.altitude_m === null ? say("not_known") : metres(track.altitude_m)],
        [say("doubt"), ellipse === null ? `± ${metres(2.45 * track.sigma_m)}` : `± ${metres(2.45 * ellipse.major_m)} × ${metres(2.45 * ellipse.minor_m)}`],
        [say("position"), <span dir="ltr">{`${track.lat.toFixed(4)}, ${track.lon.toFixed(4)}`}</span>],
        [say("support"), words.number(track.sensors)],
        [say("last_heard"), voice.time(track.heard)],
        ...(track.icao24 === null ? [] : [["ICAO 24", track.icao24] as const]),
      ]}
    />
  );
}

export function SkyTab() {
  const { shown, voice, track, chooseTrack } = useDesk();
  const { say, words } = voice;
  const all = [...(shown?.tracks ?? [])].sort(order);
  const first = all.find(({ id }) => id === track);
  const listed = [...(first === undefined ? [] : [first]), ...all.filter((one) => one !== first)].slice(0, SHOWN_MAX);
  return (
    <Section id="sky" title={say("tab_sky")} count={words.number(all.length)}>
      {all.length === 0 && <p class="empty">{say(shown === null ? "nothing_known" : "no_tracks")}</p>}
      <ul class="rows">
        {listed.map((one) => (
          <li key={one.id} class={`row${one.lost ? " lost" : ""}`}>
            <p class="row-head">
              <button type="button" class="name" aria-expanded={one.id === track} onClick={() => chooseTrack(one.id === track ? null : one.id)}>
                <ClassSign threat={one.cooperative ? "civil" : one.threat} />
                {voice.threat(one.cooperative ? "civil" : one.threat)}
                <span class="soft">{voice.percent(one.probability)}</span>
              </button>
              <span class="soft">
                {say("kmh", { count: words.number(Math.round(one.speed_mps * 3.6)) })} · {words.number(Math.round(one.heading_deg))}°
              </span>
              {one.by === "words" && <span class="soft">{say("by_words")}</span>}
              {one.status === "tentative" && <span class="soft">{say("tentative")}</span>}
              {one.lost && <span class="blind-tag">{say("lost_track")}</span>}
            </p>
            {one.id === track && <Details track={one} />}
          </li>
        ))}
      </ul>
      {all.length > SHOWN_MAX && <p class="empty">{say("more_not_shown", { count: words.number(all.length - SHOWN_MAX) })}</p>}
    </Section>
  );
}
