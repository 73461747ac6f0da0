// Entries, heads and a key in; what is wrong out, in words.

import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import {
  LANGUAGES,
  type Language,
  localeOf,
  preferredLanguage,
  rememberLanguage,
  type Say,
  sayer,
  type Words,
  wordsOf,
} from "../shared/i18n";
import { textsIn, type VerifyKey } from "../shared/i18n/verify";
import { type Finding, type Verdict, verify } from "./check/verify";
import { type Given, linesIn, NOTHING, TooLarge, Unknown, withFiles, withPublished } from "./files";

const SHOWN_MAX = 500;
type State = { readonly at: "idle" | "fetching" } | { readonly at: "working"; readonly count: number } | { readonly at: "done"; readonly verdict: Verdict };

interface Told {
  readonly words: Words;
  readonly say: Say<VerifyKey>;
}

/** The words of the chosen language; the other pages fetch theirs, which a file cannot. */
function useTold(): [Told, (language: Language) => void] {
  const [language, set] = useState(preferredLanguage);
  const told = useMemo(() => ({ words: wordsOf(language), say: sayer(textsIn(language)) }), [language]);
  useEffect(() => {
    document.documentElement.lang = language;
    document.documentElement.dir = told.words.direction;
    document.title = told.say("title");
  }, [language, told]);
  return [
    told,
    (chosen) => {
      rememberLanguage(chosen);
      set(chosen);
    },
  ];
}

/** A time with its year: who checks may do so years later. */
const dated = (time: string, { language }: Words) =>
  new Intl.DateTimeFormat(localeOf(language), { dateStyle: "medium", timeStyle: "medium" }).format(Date.parse(time));

/** One finding as a sentence. */
function sentence({ what, first, last, line, name }: Finding, { words, say }: Told): string {
  const number = (value: number) => words.number(value);
  if (what === "head") {
    const why = say(`head_${name as "none"}`);
    return line === null ? why : `${say("head")} (${say("line", { line: number(line) })}): ${why}`;
  }
  const about =
    first === null
      ? null
      : last === null || first === last
        ? say("entry", { first: number(first) })
        : say("range", { first: number(first), last: number(last) });
  const where = [name, line === null ? "" : say("line", { line: number(line) })].filter((part) => part !== "").join(", ");
  const said = say(what === "altered" && first !== last ? "altered_range" : what);
  return `${about === null ? "" : `${about} `}${where === "" ? "" : `(${where}) `}${about === null && where === "" ? "" : "— "}${said}`;
}

function Result({ verdict, told }: { verdict: Verdict; told: Told }) {
  const { words, say } = told;
  const { findings, newest } = verdict;
  const fill = {
    entries: words.number(verdict.entries),
    heads: words.number(verdict.heads),
    time: newest === null ? "—" : dated(newest.time, words),
    size: words.number(newest?.size ?? 0),
  };
  return (
    <section class={findings.length === 0 ? "result good" : "result bad"}>
      <h2 tabIndex={-1}>{findings.length === 0 ? say("good") : say("bad", { count: words.number(findings.length) })}</h2>
      <p>{say("good_text", fill)}</p>
      {verdict.unsigned > 0 && <p>{say("unsigned", { count: words.number(verdict.unsigned) })}</p>}
      {findings.length > 0 && (
        <ol>
          {findings.slice(0, SHOWN_MAX).map((finding) => (
            <li>
              <bdi>{sentence(finding, told)}</bdi>
            </li>
          ))}
        </ol>
      )}
      {findings.length > SHOWN_MAX && <p>{say("more", { count: words.number(findings.length - SHOWN_MAX) })}</p>}
    </section>
  );
}

function Have({ given, told: { words, say } }: { given: Given; told: Told }) {
  const lines = (bytes: Uint8Array) => words.number(linesIn(bytes));
  return (
    <ul class="have">
      {given.entries.length > 0 && <li>{say("have_entries", { count: lines(given.entries) })}</li>}
      {given.heads.length > 0 && <li>{say("have_heads", { count: lines(given.heads) })}</li>}
      {given.keys.map(({ fingerprint }) => (
        <li key={fingerprint}>
          <bdi>{say("have_key", { fingerprint: `${fingerprint.slice(0, 16)}…${fingerprint.slice(-16)}` })}</bdi>
          {given.fetched.has(fingerprint) && <strong class="caution">{say("key_from_here")}</strong>}
        </li>
      ))}
    </ul>
  );
}

export function App() {
  const [told, choose] = useTold();
  const { words, say } = told;
  const [given, give] = useState<Given>(NOTHING);
  const [state, go] = useState<State>({ at: "idle" });
  const [trouble, setTrouble] = useState("");
  const result = useRef<HTMLDivElement>(null);
  const online = location.protocol !== "file:";
  const secure = isSecureContext && "subtle" in crypto;
  useEffect(() => {
    if (given.entries.length === 0 || given.heads.length === 0 || given.keys.length === 0) return;
    let wanted = true;
    go({ at: "working", count: 0 });
    verify(given.entries, given.heads, given.keys, (count) => wanted && go({ at: "working", count })).then((verdict) => {
      if (!wanted) return;
      go({ at: "done", verdict });
      result.current?.querySelector("h2")?.focus();
    });
    return () => {
      wanted = false;
    };
  }, [given]);
  const take = async (more: (given: Given) => Promise<Given>) => {
    setTrouble("");
    try {
      give(await more(given));
    } catch (error) {
      if (error instanceof TooLarge) setTrouble(say("too_large"));
      else if (error instanceof Unknown) setTrouble(say("unknown_file", { name: error.message }));
      else setTrouble(say("fetch_failed", { why: error instanceof Error ? error.message : String(error) }));
    }
  };
  const fetchAll = async () => {
    go({ at: "fetching" });
    await take(withPublished);
    go((now) => (now.at === "fetching" ? { at: "idle" } : now));
  };
  const keepHeads = () => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([given.heads], { type: "application/jsonl" }));
    link.download = `heads-${new Date().toISOString().slice(0, 10)}.jsonl`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  };
  const clear = () => {
    give(NOTHING);
    go({ at: "idle" });
    setTrouble("");
  };
  return (
    <main
      onDragOver={(event) => event.preventDefault()}
      onDrop={(event) => {
        event.preventDefault();
        void take((now) => withFiles(now, [...(event.dataTransfer?.files ?? [])]));
      }}
    >
      <header>
        <h1>{say("title")}</h1>
        <label>
          <span>{say("language")}</span>
          <select value={words.language} onChange={(event) => choose(event.currentTarget.value as Language)}>
            {Object.entries(LANGUAGES).map(([tag, name]) => (
              <option value={tag} lang={tag}>
                {name}
              </option>
            ))}
          </select>
        </label>
      </header>
      <p>{say("intro")}</p>
      {!secure && (
        <p class="caution" role="alert">
          {say("not_secure")}
        </p>
      )}
      <div class="ways">
        {online && (
          <button type="button" disabled={!secure || state.at === "fetching"} onClick={() => void fetchAll()}>
            {say(state.at === "fetching" ? "fetching" : "fetch")}
          </button>
        )}
        <label class="drop">
          <span class="button">{say("files")}</span>
          <span>{say("files_help")}</span>
          <input
            type="file"
            multiple
            disabled={!secure}
            onChange={(event) => {
              const files = [...(event.currentTarget.files ?? [])];
              event.currentTarget.value = "";
              void take((now) => withFiles(now, files));
            }}
          />
        </label>
      </div>
      {trouble !== "" && (
        <p class="caution" role="alert">
          {trouble}
        </p>
      )}
      <Have given={given} told={told} />
      <div role="status" ref={result}>
        {state.at === "idle" && given !== NOTHING && <p>{say("need")}</p>}
        {state.at === "working" && <p>{say("working", { count: words.number(state.count) })}</p>}
        {state.at === "done" && <Result verdict={state.verdict} told={told} />}
      </div>
      <footer>
        {given.heads.length > 0 && (
          <p>
            <button type="button" onClick={keepHeads}>
              {say("keep_heads")}
            </button>{" "}
            {say("keep_heads_text")}
          </p>
        )}
        <p>
          {given !== NOTHING && (
            <button type="button" onClick={clear}>
              {say("start_again")}
            </button>
          )}{" "}
          {online && (
            <a href="verify-offline.html" download="tocsin-verify.html">
              {say("keep_page")}
            </a>
          )}
        </p>
      </footer>
    </main>
  );
}
