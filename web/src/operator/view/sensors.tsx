// Sensors and live sources with their health: the ones in trouble first.

import { useDesk } from "../desk";
import type { Sensor, Voice } from "../model/wire";
import { SensorSign } from "./legend";
import { Facts, Section } from "./parts";

const STATES = ["up", "unheard", "down", "silent", "flooded", "biased", "clock", "removed"] as const;
const KINDS = ["radar", "acoustic", "presence", "spotter", "adsb"] as const;

export function stateKey(state: string) {
  return `state_${(STATES as readonly string[]).includes(state) ? (state as (typeof STATES)[number]) : "down"}` as const;
}

export function kindKey(kind: string) {
  return `kind_${(KINDS as readonly string[]).includes(kind) ? (kind as (typeof KINDS)[number]) : "radar"}` as const;
}

function Details({ sensor }: { sensor: Sensor }) {
  const { voice } = useDesk();
  const { say, words } = voice;
  const number = (value: number | null, digits = 0) => (value === null ? say("not_known") : words.number(Number(value.toFixed(digits))));
  const both = (declared: number | null, measured: number | null) =>
    `${declared === null ? "–" : voice.percent(declared)} / ${measured === null ? say("not_known") : voice.percent(measured)}`;
  return (
    <Facts
      rows={[
        [say("last_heard"), sensor.heard === null ? say("never") : voice.time(sensor.heard)],
        [say("reports"), number(sensor.reports)],
        [say("range"), sensor.declared.range_m === null ? say("not_known") : say("metres", { count: number(sensor.declared.range_m) })],
        [say("detection"), both(sensor.declared.detection_probability, sensor.measured_detection_probability)],
        [say("false_plots"), number(sensor.measured_false_plots_per_scan, 1)],
        [say("delay"), sensor.measured_delay_s === null ? say("not_known") : say("seconds", { count: number(sensor.measured_delay_s, 1) })],
        [say("bias"), `${say("metres", { count: number(sensor.range_bias_m) })} · ${number(sensor.azimuth_bias_deg, 2)}° · ${say("seconds", { count: number(sensor.time_bias_s, 1) })}`],
      ]}
    />
  );
}

function VoiceRow({ one }: { one: Voice }) {
  const { voice } = useDesk();
  const { say, words } = voice;
  const borne = one.borne_out === null ? say("not_known") : voice.percent(one.borne_out);
  const late = one.late_s === null ? say("not_known") : say("seconds", { count: words.number(one.late_s) });
  return (
    <li class="row">
      <p class="row-head">
        <bdi>{one.name}</bdi> <span class="soft">{say("voice_objects", { count: words.number(one.objects) })}</span>
      </p>
      <Facts rows={[[say("voice_borne_out"), borne], [say("voice_late"), late]]} />
    </li>
  );
}

export function SensorsTab() {
  const { shown, view, voice, sensor, chooseSensor } = useDesk();
  const { say, words } = voice;
  const trouble = (one: Sensor) => Number(one.state === "up");
  const all = [...(shown?.sensors ?? [])].sort((a, b) => trouble(a) - trouble(b) || (a.id < b.id ? -1 : 1));
  const up = all.filter(({ state }) => state === "up").length;
  const blind = shown?.zones.filter(({ degraded }) => degraded).map(({ zone }) => zone) ?? [];
  const feeds = shown?.feeds ?? [];
  const voices = shown?.voices ?? [];
  return (
    <Section id="sensors" title={say("tab_sensors")} count={`${words.number(up)} / ${words.number(all.length)}`}>
      <p class={blind.length > 0 ? "blind-note" : "soft"}>
        {shown === null
          ? say("nothing_known")
          : blind.length > 0
            ? say("blind_zones", { zones: voice.zones(blind, view.zones), count: words.number(blind.length) })
            : say("blind_none")}
      </p>
      <ul class="rows">
        {all.map((one) => (
          <li key={one.id} class={`row${one.state === "up" ? "" : " troubled"}`}>
            <p class="row-head">
              <button type="button" class="name" aria-expanded={one.id === sensor} onClick={() => chooseSensor(one.id === sensor ? null : one.id)}>
                <SensorSign state={one.state} />
                <bdi>{one.id}</bdi>
              </button>
              <span class="soft">{say(kindKey(one.kind))}</span>
              <span class={one.state === "up" ? "soft" : "blind-tag"}>{say(stateKey(one.state))}</span>
            </p>
            {one.id === sensor && <Details sensor={one} />}
          </li>
        ))}
      </ul>
      {feeds.length > 0 && (
        <>
          <h3>{say("feeds")}</h3>
          <ul class="rows">
            {feeds.map((feed) => (
              <li key={feed.name} class={`row${feed.state === "up" ? "" : " troubled"}`}>
                <p class="row-head">
                  <bdi>{feed.name}</bdi> <span class={feed.state === "down" ? "blind-tag" : "soft"}>{say(`feed_${feed.state}`)}</span>
                </p>
                {feed.trouble !== null && <p dir="auto">{feed.trouble}</p>}
              </li>
            ))}
          </ul>
        </>
      )}
      {voices.length > 0 && (
        <>
          <h3>{say("voices")}</h3>
          <ul class="rows">
            {voices.map((one) => (
              <VoiceRow key={one.name} one={one} />
            ))}
          </ul>
        </>
      )}
    </Section>
  );
}
