// The last hours again: a slider over the pictures that were kept. What it shows is marked as past everywhere, and
// nothing can be done out of it.

import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { call } from "../call";
import { useDesk } from "../desk";
import type { Past } from "../model/asked";
import type { Picture } from "../model/wire";

const PLAY_MS = 500;
const ASK_AFTER_MS = 120;

export function PastBar() {
  const { past, showPast, voice, tell } = useDesk();
  const { say, words } = voice;
  const [kept, setKept] = useState<Past | null>(null);
  const [playing, play] = useState(false);
  const asked = useRef(0);
  useEffect(() => {
    call<Past>("GET", "/v1/console/past").then(setKept, () => tell(say("past_failed")));
  }, [say, tell]);
  const first = kept?.first == null ? null : Date.parse(kept.first);
  const last = kept?.last == null ? null : Date.parse(kept.last);
  // Where the slider stands; what is seen is of `past.atMs`, and says so, until the picture of there has come.
  const [wanted, want] = useState<number | null>(null);
  const at = wanted ?? past?.atMs ?? last ?? 0;

  const show = useCallback(
    (ms: number) => {
      const number = ++asked.current;
      want(ms);
      // A slider that is pulled asks for where it stops, not for every place on the way.
      setTimeout(() => {
        if (number !== asked.current) return;
        call<Picture>("GET", `/v1/console/past?at=${encodeURIComponent(new Date(ms).toISOString())}`).then(
          (picture) => number === asked.current && showPast({ atMs: Date.parse(picture.time ?? picture.now), picture }),
          () => number === asked.current && tell(say("past_failed")),
        );
      }, ASK_AFTER_MS);
    },
    [showPast, tell, say],
  );
  const opened = useRef(false);
  useEffect(() => {
    if (last !== null && !opened.current) {
      opened.current = true;
      show(last);
    }
  }, [last, show]);
  useEffect(() => () => void asked.current++, []);
  const step = 1000 * (kept?.every_s ?? 10);
  useEffect(() => {
    if (!playing || last === null) return;
    const timer = setTimeout(() => {
      if (at + step > last) play(false);
      else show(at + step);
    }, PLAY_MS);
    return () => clearTimeout(timer);
  }, [playing, at, last, step, show]);
  if (kept !== null && (first === null || last === null)) {
    return (
      <div class="past-bar">
        <p>{say("past_none")}</p>
        <button type="button" onClick={() => showPast(null)}>
          {say("back_to_now")}
        </button>
      </div>
    );
  }
  return (
    <div class="past-bar">
      <button type="button" aria-pressed={playing} disabled={kept === null} onClick={() => play(!playing)}>
        {say(playing ? "pause" : "play")}
      </button>
      <div class="track">
        <input
          type="range"
          autofocus
          aria-label={say("past")}
          aria-valuetext={voice.full(at)}
          min={first ?? 0}
          max={last ?? 1}
          step={step}
          value={at}
          disabled={kept === null}
          onInput={({ currentTarget: { value } }) => {
            play(false);
            show(Number(value));
          }}
        />
        <svg class="marks" viewBox="0 0 1000 4" preserveAspectRatio="none" aria-hidden="true">
          {kept?.marks.map((mark) => {
            const x = (1000 * (Date.parse(mark) - (first ?? 0))) / Math.max((last ?? 1) - (first ?? 0), 1);
            return <rect key={mark} x={x} y="0" width="2" height="4" />;
          })}
        </svg>
      </div>
      <output>
        <strong>{say("mode_past")}</strong> <time dir="ltr">{voice.full(at)}</time>
        <small>{last !== null && say("ago", { time: words.duration(Math.max(0, last - at) / 1000) })}</small>
      </output>
      <button type="button" class="main" onClick={() => showPast(null)}>
        {say("back_to_now")}
      </button>
    </div>
  );
}
