// Whether the word gets out: every channel, how fast, and what does not get through.

import { useDesk } from "../desk";
import type { Channel } from "../model/wire";
import { Section } from "./parts";

function Row({ channel }: { channel: Channel }) {
  const { voice } = useDesk();
  const { say, words } = voice;
  const bad = channel.state === "failing" || channel.state === "missing" || channel.canary === "silent";
  const { accepted = 0, failed = 0, superseded = 0, expired = 0 } = channel.counts;
  const most = channel.accepted_s["90"] ?? null;
  return (
    <li class={`row${bad ? " troubled" : ""}`}>
      <p class="row-head">
        <bdi class="name">{channel.channel}</bdi>
        <span class={bad ? "blind-tag" : "soft"}>{say(`channel_${channel.state}`)}</span>
        {channel.canary !== null && <span class={channel.canary === "up" ? "soft" : "blind-tag"}>{say(`canary_${channel.canary}`)}</span>}
      </p>
      <p class="soft">
        {say("waiting_count", { count: words.number(channel.waiting) })}
        {channel.state !== "read" && ` · ${say("accepted_count", { count: words.number(accepted) })}`}
        {failed > 0 && ` · ${say("failures", { count: words.number(failed) })}`}
        {superseded + expired > 0 && ` · ${say("given_up", { count: words.number(superseded + expired) })}`}
        {most !== null && ` · ${say("within_90", { seconds: words.number(Number(most.toFixed(1))) })}`}
      </p>
      {channel.trouble !== null && <p dir="auto">{channel.trouble}</p>}
    </li>
  );
}

export function DeliveryTab() {
  const { shown, voice } = useDesk();
  const all = shown?.channels ?? [];
  return (
    <Section id="delivery" title={voice.say("tab_delivery")} count={voice.words.number(all.length)}>
      {all.length === 0 && <p class="empty">{voice.say(shown === null ? "nothing_known" : "no_channels")}</p>}
      <ul class="rows">
        {all.map((channel) => (
          <Row key={channel.channel} channel={channel} />
        ))}
      </ul>
    </Section>
  );
}
