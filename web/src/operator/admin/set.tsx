// What the settings hold, to be read: sources and what each may say, channels, and which acts need a second person.
// They are changed in the settings' file, where a change is reviewed; never from a page at night.

import type { ComponentChildren } from "preact";
import { useDesk } from "../desk";
import { Facts } from "../view/parts";

export function Table({ head, rows }: { head: readonly string[]; rows: readonly (readonly ComponentChildren[])[] }) {
  const { voice } = useDesk();
  if (rows.length === 0) return <p class="empty">{voice.say("none")}</p>;
  return (
    <div class="scroll" tabIndex={0} role="group" aria-label={head[0]}>
      <table>
        <thead>
          <tr>
            {head.map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((cells) => (
            <tr key={String(cells[0])}>
              {cells.map((cell, i) => (i === 0 ? <th key={head[i]} scope="row">{cell}</th> : <td key={head[i]}>{cell}</td>))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const listed = (items: readonly string[] | undefined, none: string) => (items === undefined || items.length === 0 ? none : items.join(", "));

export function Sources() {
  const { voice, settings } = useDesk();
  const { say } = voice;
  const rows = settings?.sources.map(({ id, kind, authority, signatures }) => [
    id,
    kind,
    listed(authority.kinds, "–"),
    authority.alerts ?? "none",
    listed(authority.alone?.map((threat) => voice.threat(threat)), "–"),
    listed(authority.sensors, "–"),
    signatures ?? "–",
  ]);
  const head = [say("source"), say("kind"), say("may_send"), say("may_alert"), say("alone"), say("speaks_for"), say("signatures")];
  return (
    <>
      <Table head={head} rows={rows ?? []} />
      <p class="soft">{say("set_in_file")}</p>
    </>
  );
}

export function Ways() {
  const { voice, settings, view } = useDesk();
  const { say } = voice;
  const states = new Map(view.picture?.channels.map((channel) => [channel.channel, channel]));
  const rows = settings?.channels.map(({ id, kind, always }) => {
    const state = states.get(id);
    return [id, kind, always ? say("always") : "–", state === undefined ? "–" : say(`channel_${state.state}`), state?.trouble ?? "–"];
  });
  return (
    <>
      <Table head={[say("channel"), say("kind"), say("always"), say("state"), say("trouble")]} rows={rows ?? []} />
      <p class="soft">{say("set_in_file")}</p>
    </>
  );
}

export function Rules() {
  const { voice, settings } = useDesk();
  const { say, words } = voice;
  if (settings === null) return <p class="empty">…</p>;
  const second = settings.second_person.map((rule) => say(`rule_${rule}` as "rule_raise"));
  const officers = settings.operators.map(({ id, actions, zones, worlds }) => [
    id,
    actions.map((action) => say(`verb_${action}` as "verb_raise")).join(", "),
    zones.length === 0 ? say("everywhere") : zones.join(", "),
    say(`worlds_${worlds}` as "worlds_both"),
  ]);
  return (
    <>
      <Facts
        rows={[
          [say("sender"), settings.sender],
          [say("world"), say(settings.drill ? "worlds_drills" : "worlds_live")],
          [say("policy"), settings.policy],
          [say("tab_zones"), words.number(settings.zones)],
          [say("population"), words.number(settings.people)],
          [say("second_person"), listed(second, say("none"))],
          [say("wide_zones"), words.number(settings.wide_zones)],
          [say("wide_people"), words.number(settings.wide_people)],
          [say("waits_for"), words.duration(settings.waits_s)],
        ]}
      />
      <h3>{say("tokens")}</h3>
      <Table head={[say("officer"), say("may_do"), say("where"), say("world")]} rows={officers} />
      <p class="soft">{say("set_in_file")}</p>
    </>
  );
}
