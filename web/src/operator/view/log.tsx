// What happened, newest first.

import { useState } from "preact/hooks";
import { useDesk } from "../desk";
import type { Log } from "../model/asked";
import { Pager, usePages } from "./pager";
import { Section } from "./parts";

const KINDS = ["act", "warning", "sensor", "channel", "source", "note", "refused", "service"] as const;

export function LogTab() {
  const { voice, view } = useDesk();
  const { say, words } = voice;
  const [kind, setKind] = useState("");
  const pages = usePages<"after", Log>(kind === "" ? "/v1/console/log" : `/v1/console/log?kind=${kind}`, "after");
  const log = pages.found;
  const entries = log === null || log === "failed" ? [] : log.entries;
  return (
    <Section id="log" title={say("tab_log")}>
      <label class="inline">
        {say("only")}
        <select value={kind} onChange={({ currentTarget: { value } }) => setKind(value)}>
          <option value="">{say("everything")}</option>
          {KINDS.map((one) => (
            <option key={one} value={one}>
              {say(`log_${one}`)}
            </option>
          ))}
        </select>
      </label>
      <Pager pages={pages} times={entries.map(({ time }) => time)} />
      {log === "failed" && <p class="empty">{say("failed")}</p>}
      {log !== null && log !== "failed" && entries.length === 0 && <p class="empty">{say("log_empty")}</p>}
      <ol class="log">
        {entries.map((entry) => (
          <li key={entry.number} class={`log-${entry.kind}`}>
            <time dateTime={entry.time} title={voice.full(entry.time)}>
              {voice.time(entry.time)}
            </time>
            <span>
              <strong>{(KINDS as readonly string[]).includes(entry.kind) ? say(`log_${entry.kind}` as "log_act") : entry.kind}</strong> <bdi>{entry.who}</bdi>
              {entry.drill && <span class="drill-tag">{words.say("drill")}</span>}
              <span dir="auto" class="text">
                {entry.text}
              </span>
              {entry.zone_count > 0 && <span class="soft">{voice.zones(entry.zones, view.zones, entry.zone_count)}</span>}
            </span>
          </li>
        ))}
      </ol>
    </Section>
  );
}
