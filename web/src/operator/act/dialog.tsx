// Doing something: choose what is open, read what exactly it does to how many people, and only then do it.

import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { call, Refused } from "../call";
import { useDesk } from "../desk";
import type { Acted } from "../model/asked";
import { ZoneName } from "../view/parts";
import { ruleOf } from "../view/why";
import { type Asked, type Filled, newId, sentFor, without } from "./asked";
import { Fields } from "./fields";
import { ruleFor } from "./second";
import { people, statement } from "./statement";

const SHOWN_MAX = 60;
// A key that bounces, or a hand that trembles, presses twice within this; nobody reads a sentence in it.
const BOUNCE_MS = 250;

function firstFilled(asked: Asked, texts: Readonly<Record<string, string>>): Filled {
  const tells = asked.do === "cancel" || asked.do === "retract";
  const level = asked.do === "raise" ? (asked.level ?? "take_cover") : "take_cover";
  const prepared = tells ? (Object.keys(texts)[0] ?? null) : null;
  const lastsS = asked.do === "raise" || asked.do === "extend" ? 1_800 : null;
  return { level, lastsS, whose: "all", prepared, publicReason: "", reason: "" };
}

function Zones({ asked, drop }: { asked: Asked; drop: (zone: string) => void }) {
  const { voice, view } = useDesk();
  const fixed = asked.do === "approve" || asked.do === "retract";
  const { say, words } = voice;
  if (asked.zones.length === 0) return null;
  return (
    <details class="act-zones" open={asked.zones.length <= 6}>
      <summary>{say("zones_of", { count: words.number(asked.zones.length), people: words.number(people(asked, view.zones)) })}</summary>
      <ul>
        {asked.zones.slice(0, SHOWN_MAX).map((zone) => (
          <li key={zone}>
            <ZoneName id={zone} /> <span class="soft">{words.number(view.zones.get(zone)?.population ?? 0)}</span>
            {!fixed && asked.zones.length > 1 && (
              <button type="button" class="drop" aria-label={`${say("leave_out")}: ${zone}`} onClick={() => drop(zone)}>
                ×
              </button>
            )}
          </li>
        ))}
        {asked.zones.length > SHOWN_MAX && <li>…</li>}
      </ul>
    </details>
  );
}

export function ActDialog({ first }: { first: Asked }) {
  const desk = useDesk();
  const { voice, view, texts } = desk;
  const { say } = voice;
  const dialog = useRef<HTMLDialogElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const [asked, setAsked] = useState(first);
  const [filled, setFilled] = useState(() => firstFilled(first, texts));
  const [id] = useState(newId);
  const [armed, setArmed] = useState(false);
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState("");
  const told = filled.prepared === null ? filled.publicReason : (texts[filled.prepared] ?? "");
  const scene = { zones: view.zones, drill: desk.drill, nowMs: view.nowMs, settings: desk.settings, channels: view.picture?.channels.length ?? 0, told };
  const sentences = statement(asked, filled, scene, voice);
  const held = ruleFor(asked.do, asked.zones.length, people(asked, view.zones), desk.settings);
  // English is the service's own.
  const rule = held === null || voice.words.language === "en" ? null : ruleOf(held, voice);
  const silent = asked.do === "retract" && told === "";
  useEffect(() => dialog.current?.showModal(), []);
  const armedAtMs = useRef(0);
  useLayoutEffect(() => {
    if (!armed) return;
    armedAtMs.current = performance.now();
    button.current?.focus();
  }, [armed]);

  const send = async () => {
    setBusy(true);
    setFault("");
    try {
      const { to, body } = sentFor(asked, filled, id, texts);
      const { waits } = await call<Acted>("POST", to, body);
      desk.tell(waits === null ? `${say("done")} ${sentences[0]}` : say("now_waits", { why: rule ?? waits }));
      desk.chooseZones([]);
      // Closed, not only taken away: the focus goes back to where it was.
      dialog.current?.close();
    } catch (error) {
      setFault(error instanceof Refused ? say("refused", { why: error.detail }) : say("not_sent"));
      setBusy(false);
    }
  };
  const submit = (event: Event) => {
    event.preventDefault();
    if (busy || silent) return;
    if (!armed) setArmed(true);
    else if (performance.now() - armedAtMs.current > BOUNCE_MS) void send();
  };
  const title = say(`verb_${asked.do}`);
  return (
    <dialog ref={dialog} class={`act act-${asked.do}`} aria-labelledby="act-title" onClose={() => desk.ask(null)}>
      <form onSubmit={submit} onKeyDown={(event) => event.repeat && event.key === "Enter" && event.preventDefault()}>
        <h2 id="act-title">{title}</h2>
        {!armed && (
          <>
            <Fields asked={asked} filled={filled} change={(part) => setFilled({ ...filled, ...part })} />
            <Zones asked={asked} drop={(zone) => setAsked(without(asked, zone))} />
          </>
        )}
        {(view.trust === "lost" || view.trust === "stale") && (
          <p class="fault">
            {say(`mode_${view.trust}_text`, { time: voice.words.duration((view.trust === "lost" ? view.silentMs : (view.ageMs ?? 0)) / 1000) })}
          </p>
        )}
        <Statement armed={armed} sentences={sentences} />
        <p role="alert" class="fault">
          {silent ? say("say_why") : fault}
        </p>
        <p class="buttons">
          <button ref={button} type="submit" autofocus={asked.do !== "raise"} class={armed ? "main now" : "main"} disabled={busy || silent} aria-describedby="act-statement">
            {armed ? (busy ? say("sending") : say("do_it", { act: title })) : say("review")}
          </button>
          {armed && (
            <button type="button" onClick={() => setArmed(false)}>
              {say("back")}
            </button>
          )}
          <button type="button" onClick={() => dialog.current?.close()}>
            {say("do_nothing")}
          </button>
        </p>
      </form>
    </dialog>
  );
}

function Statement({ armed, sentences }: { armed: boolean; sentences: readonly string[] }): ComponentChildren {
  return (
    <div id="act-statement" class={armed ? "statement armed" : "statement"}>
      {sentences.map((sentence, i) => (
        <p key={sentence} class={i === sentences.length - 1 ? "world" : ""}>
          {sentence}
        </p>
      ))}
    </div>
  );
}
