// Every sensor in one table: declared beside measured.

import { useDesk } from "../desk";
import { kindKey, stateKey } from "../view/sensors";
import { Table } from "./set";

export function SensorTable() {
  const { voice, view } = useDesk();
  const { say, words } = voice;
  const share = (value: number | null) => (value === null ? "–" : voice.percent(value));
  const metres = (value: number | null) => (value === null ? "–" : say("metres", { count: words.number(Math.round(value)) }));
  const rows = view.picture?.sensors.map((one) => [
    one.id,
    say(kindKey(one.kind)),
    say(stateKey(one.state)),
    metres(one.declared.range_m),
    share(one.declared.detection_probability),
    share(one.measured_detection_probability),
    one.measured_delay_s === null ? "–" : say("seconds", { count: words.number(Number(one.measured_delay_s.toFixed(1))) }),
    voice.time(one.heard),
  ]);
  const head = [say("sensor"), say("kind"), say("state"), say("range"), say("declared"), say("measured"), say("delay"), say("last_heard")];
  return (
    <>
      <Table head={head} rows={rows ?? []} />
      <p class="soft">{say("set_in_file")}</p>
    </>
  );
}
