// The head of the page: what this is, whether it may be believed, who sits here, what time it is.

import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { LANGUAGES, type Language } from "../../shared/i18n";
import { useDesk } from "../desk";
import type { Command } from "../model/keys";
import { KeyButton } from "./parts";

export type Mode = "past" | "waiting" | "lost" | "stale" | "doubtful" | "live";

/** The one word on what is seen, the worst first. */
export function useMode(): Mode {
  const { past, view } = useDesk();
  if (past !== null) return "past";
  if (view.trust !== "live") return view.trust;
  return view.picture?.doubtful ? "doubtful" : "live";
}

/** The title of the tab, and the colours of everything: a drill and a lost line are seen from across the room. */
export function useFrame(mode: Mode): void {
  const { drill, voice, view } = useDesk();
  const waiting = view.picture?.decisions.length ?? 0;
  useEffect(() => {
    const root = document.documentElement;
    root.dataset.mode = mode;
    root.dataset.world = drill ? "drill" : "live";
    const parts = [
      ...(drill ? [voice.words.say("drill")] : []),
      ...(mode === "live" ? [] : [voice.say(`mode_${mode}`)]),
      ...(waiting > 0 ? [`(${voice.words.number(waiting)})`] : []),
    ];
    document.title = [...parts, voice.say("console"), "Tocsin"].join(" · ");
  }, [mode, drill, voice, waiting]);
}

export function DrillBand({ bottom = false }: { bottom?: boolean }) {
  const { drill, voice } = useDesk();
  if (!drill) return null;
  return (
    <section class={`drill-band${bottom ? " bottom" : ""}`} {...(bottom ? { "aria-hidden": true } : { "aria-label": voice.words.say("drill") })}>
      <strong>{voice.words.say("drill")}</strong> {voice.words.say("drill_text")}
    </section>
  );
}

/** Across the whole page where what is seen is not how it is now. */
export function TrustBand({ mode }: { mode: Mode }) {
  const { view, past, voice, showPast } = useDesk();
  if (mode === "live") return null;
  const ageMs = mode === "lost" || mode === "waiting" ? view.silentMs : (view.ageMs ?? view.silentMs);
  const time = past === null ? voice.words.duration(ageMs / 1000) : voice.full(past.atMs);
  return (
    <div class={`trust-band trust-${mode}`}>
      <p role={mode === "past" ? "status" : "alert"}>
        <strong>{voice.say(`mode_${mode}`)}</strong> <span aria-hidden={mode !== "past"}>{voice.say(`mode_${mode}_text`, { time })}</span>
      </p>
      {mode === "past" && (
        <button type="button" onClick={() => showPast(null)}>
          {voice.say("back_to_now")}
        </button>
      )}
    </div>
  );
}

/** How old the picture is, always: a clock that stops is seen. */
function Age({ mode }: { mode: Mode }) {
  const { view, voice } = useDesk();
  const { words, say } = voice;
  const age = view.ageMs === null ? words.say("age_none") : words.say("age", { time: words.duration(view.ageMs / 1000) });
  return (
    <p class={`age age-${mode}`}>
      <span class="pill">
        <svg viewBox="0 0 12 12" aria-hidden="true">
          {mode === "live" ? <circle cx="6" cy="6" r="5" /> : <path d="M1 1 11 11M11 1 1 11" />}
        </svg>
        {say(`mode_${mode}`)}
      </span>
      <span>{age}</span>
    </p>
  );
}

interface TopProps {
  readonly mode: Mode;
  readonly run: (command: Command) => void;
  readonly choose: (language: Language) => void;
  readonly signOut: () => void;
  readonly openAccount: () => void;
  readonly sound: ComponentChildren;
}

export function Top({ mode, run, choose, signOut, openAccount, sound }: TopProps) {
  const { view, voice, session } = useDesk();
  const { say, words } = voice;
  return (
    <header class="top">
      <h1>{say("console")}</h1>
      <Age mode={mode} />
      <p class="clock">
        <time dir="ltr">{voice.time(view.nowMs)}</time> <small>{voice.zoned(view.nowMs).replace(/^[\d:.\s\p{Nd}]+/u, "")}</small>
      </p>
      <nav aria-label={say("page")}>
        {sound}
        <KeyButton hint="s" onClick={() => run("admin")}>
          {say("admin")}
        </KeyButton>
        <KeyButton hint="?" onClick={() => run("help")}>
          {say("help")}
        </KeyButton>
        <select aria-label={words.say("language")} value={words.language} onChange={(event) => choose(event.currentTarget.value as Language)}>
          {Object.entries(LANGUAGES).map(([tag, name]) => (
            <option key={tag} value={tag} lang={tag}>
              {name}
            </option>
          ))}
        </select>
        <button type="button" class="who" aria-haspopup="dialog" onClick={openAccount}>
          <bdi>{session.name}</bdi>
        </button>
        <button type="button" onClick={signOut}>
          {say("sign_out")}
        </button>
      </nav>
    </header>
  );
}
