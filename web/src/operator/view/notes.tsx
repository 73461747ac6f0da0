// The hand-over: notes for the next shift, and how things stand now, ready to be read out.

import { useState } from "preact/hooks";
import { newId } from "../act/asked";
import { call, Refused } from "../call";
import { useDesk } from "../desk";
import type { Notes } from "../model/asked";
import { Pager, usePages } from "./pager";
import { Section } from "./parts";

const NOTE_MAX = 4_000;

/** How things stand, in lines that an officer can read out or put into a note. */
function useSummary(): string {
  const { view, voice, drill } = useDesk();
  const { say, words } = voice;
  const picture = view.picture;
  if (picture === null) return say("nothing_known");
  const of = (level: string) => picture.zones.filter((zone) => zone.level === level).map(({ zone }) => zone);
  const listed = (ids: readonly string[]) => (ids.length === 0 ? say("none") : voice.zones(ids, view.zones));
  const troubled = picture.sensors.filter(({ state }) => state !== "up").map(({ id }) => id);
  const failing = picture.channels.filter(({ state }) => state === "failing" || state === "missing").map(({ channel }) => channel);
  return [
    ...(drill ? [words.say("drill")] : []),
    voice.full(view.nowMs),
    `${voice.level("take_cover")}: ${listed(of("take_cover"))}`,
    `${voice.level("prepare")}: ${listed(of("prepare"))}`,
    `${say("orders")}: ${words.number(picture.standing.length)} · ${say("decisions")}: ${words.number(picture.decisions.length)}`,
    `${say("blind")}: ${listed(picture.zones.filter(({ degraded }) => degraded).map(({ zone }) => zone))}`,
    `${say("trouble")}: ${[...troubled, ...failing].join(", ") || say("none")}`,
  ].join("\n");
}

export function NotesTab() {
  const { voice, may } = useDesk();
  const pages = usePages<"after", Notes>("/v1/console/notes", "after");
  const notes = pages.found === null || pages.found === "failed" ? [] : pages.found.notes;
  return (
    <Section id="notes" title={voice.say("tab_notes")}>
      {may("note") && <NewNote />}
      <Pager pages={pages} times={notes.map(({ time }) => time)} />
      {pages.found === "failed" && <p class="empty">{voice.say("failed")}</p>}
      <ol class="notes">
        {notes.map((note) => (
          <li key={note.number}>
            <p class="soft">
              <bdi>{note.who}</bdi> · {voice.full(note.time)}
            </p>
            <p dir="auto" class="text">
              {note.text}
            </p>
          </li>
        ))}
      </ol>
    </Section>
  );
}

function NewNote() {
  const { voice, past } = useDesk();
  const { say } = voice;
  const summary = useSummary();
  const [text, setText] = useState("");
  const [id, setId] = useState(newId);
  const [fault, setFault] = useState("");
  const [left, setLeft] = useState("");
  const leave = async (event: Event) => {
    event.preventDefault();
    if (text.trim() === "") return;
    setFault("");
    try {
      await call("POST", "/v1/console/notes", { id, text });
      setText("");
      setId(newId());
      setLeft(say("note_left"));
    } catch (error) {
      setFault(error instanceof Refused ? say("refused", { why: error.detail }) : say("not_sent"));
    }
  };
  return (
    <form onSubmit={leave} class="note-form">
      <label>
        {say("note")}
        <textarea dir="auto" rows={5} maxLength={NOTE_MAX} value={text} onInput={({ currentTarget: { value } }) => setText(value)} />
      </label>
      <p class="buttons">
        <button type="submit" class="main" disabled={text.trim() === "" || past !== null}>
          {say("leave_note")}
        </button>
        <button type="button" onClick={() => setText((now) => (now === "" ? summary : `${now}\n${summary}`))}>
          {say("put_summary")}
        </button>
      </p>
      <p role="alert" class="fault">
        {fault}
      </p>
      <p role="status" class="hidden">
        {left}
      </p>
    </form>
  );
}
