// Small things that many parts of the console show.

import type { ComponentChildren } from "preact";
import { nameOf } from "../../shared/model/outlines";
import { useDesk } from "../desk";
import type { Level } from "../model/wire";
import type { Told } from "./why";

const PATHS: Readonly<Record<Level, string>> = {
  take_cover: "M12 2 23 21H1Z",
  prepare: "M3 3H21V21H3Z",
  all_clear: "M12 2a10 10 0 1 0 .01 0Z",
  none: "M6 12H18",
};
const MARKS: Readonly<Record<Level, string>> = {
  take_cover: "M12 9V14M12 17.5V18",
  prepare: "M9 8V16M15 8V16",
  all_clear: "M7.5 12.5 11 16 17 9",
  none: "",
};

/** A level's sign: triangle, square, disc. The same as on the map. */
export function LevelSign({ level }: { level: Level }) {
  return (
    <svg class={`sign sign-${level}`} viewBox="0 0 24 24" aria-hidden="true">
      <path class="ground" d={PATHS[level]} />
      <path class="mark" d={MARKS[level]} />
    </svg>
  );
}

export function ZoneName({ id }: { id: string }) {
  const { view, voice } = useDesk();
  const name = nameOf(view.zones.get(id), id, voice.words.language);
  return <bdi lang={name.lang}>{name.text}</bdi>;
}

/** Time left as a clock, and a word rather than less than nothing: an end is then over, an arrival is `now`. */
export function Left({ at, none, arrival = false }: { at: string | null; none: string; arrival?: boolean }) {
  const { view, voice } = useDesk();
  if (at === null) return <span class="left">{none}</span>;
  const leftMs = Date.parse(at) - view.nowMs;
  const pressing = leftMs < 60_000 ? "left pressing" : "left";
  return (
    <time class={pressing} dateTime={at} title={voice.full(at)} dir="ltr">
      {leftMs > 0 ? voice.left(at, view.nowMs) : arrival ? voice.words.say("now") : voice.say("over")}
    </time>
  );
}

export function Section({ id, title, count, children }: { id: string; title: string; count?: string; children: ComponentChildren }) {
  return (
    <section aria-labelledby={id} class={`part part-${id}`}>
      <h2 id={id} tabIndex={-1}>
        {title}
        {count !== undefined && <span class="count">{count}</span>}
      </h2>
      {children}
    </section>
  );
}

/** A reason in the language it is in, and how something fails in the service's own words. */
export function Said({ told }: { told: Told }) {
  return (
    <>
      <bdi lang={told.lang === "" ? undefined : told.lang}>{told.text}</bdi>
      {told.rest !== undefined && (
        <>
          {" "}
          <bdi lang="en">{told.rest}</bdi>
        </>
      )}
    </>
  );
}

export function Facts({ rows }: { rows: readonly (readonly [name: string, value: ComponentChildren])[] }) {
  return (
    <dl class="facts">
      {rows.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** A button that says which key does the same. */
export function KeyButton({ hint, children, ...rest }: { hint?: string; children: ComponentChildren; onClick: () => void; class?: string; disabled?: boolean; pressed?: boolean }) {
  const { pressed, ...others } = rest;
  return (
    <button type="button" {...others} {...(pressed === undefined ? {} : { "aria-pressed": pressed })} {...(hint === undefined ? {} : { "aria-keyshortcuts": hint })}>
      {children}
      {hint !== undefined && (
        <kbd aria-hidden="true" class="hint">
          {hint}
        </kbd>
      )}
    </button>
  );
}
