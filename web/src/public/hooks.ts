// The page's clockwork as hooks: the live view, my places, the alarm, what makes it silent.

import { useCallback, useEffect, useMemo, useRef, useState } from "preact/hooks";
import { Alarm } from "../shared/model/alarm";
import { type Span, noted, rememberedSpans, rememberSpans } from "../shared/model/history";
import { Live, type View } from "../shared/model/live";
import { isThin } from "../shared/model/line";
import type { Standing } from "../shared/model/place";
import { keeps } from "../shared/model/kept";
import { type MyPlace, PLACES_KEY, rememberedPlaces, rememberPlaces, renewed } from "../shared/model/places";
import { awaited, gravest, isNews, isPaused, isSafe, LOUD, PAUSE_MS_MAX, type Quiet, type Said, settled } from "../shared/model/quiet";
import { keepQuiet, quietKept } from "../shared/model/quiet_kept";
import { toRing } from "../shared/model/rung";
import type { Word } from "../shared/model/trust";

/** A place of mine and how it stands. */
export interface Mine {
  readonly place: MyPlace;
  readonly standing: Standing;
}

export const saidOf = ({ word, state }: Standing): Said => ({ word, sinceMs: state?.sinceMs ?? null });

/** The live view, renewed when something changes and at every turn of the service's second. */
export function useLive(mine: readonly MyPlace[]): { view: View; live: Live; thin: boolean } {
  const [, redraw] = useState(0);
  const thin = useMemo(() => isThin(), []);
  const latest = useRef(mine);
  latest.current = mine;
  const live = useMemo(() => {
    const zones = () => latest.current.flatMap((place) => place.zones);
    return new Live(() => redraw((n) => n + 1), { thin, mine: zones });
  }, []);
  const view = live.view();
  useEffect(() => live.start(), [live]);
  useEffect(() => {
    const timer = setTimeout(() => redraw((n) => n + 1), 1_010 - (view.nowMs % 1_000));
    return () => clearTimeout(timer);
  });
  return { view, live, thin };
}

export type ChangePlaces = (change: (places: readonly MyPlace[]) => readonly MyPlace[]) => void;

/** My places, on every page of this device; the change of them; and whether they are kept. */
export function usePlaces(): [readonly MyPlace[], ChangePlaces, boolean] {
  const [places, setPlaces] = useState(rememberedPlaces);
  const [kept, setKept] = useState(keeps);
  useEffect(() => {
    // Another page changed them: whichever of us rings must ring for all of them.
    const read = ({ key }: StorageEvent) => (key === null || key === PLACES_KEY) && setPlaces(rememberedPlaces());
    addEventListener("storage", read);
    return () => removeEventListener("storage", read);
  }, []);
  const change = useCallback<ChangePlaces>(
    (how) =>
      setPlaces((before) => {
        const after = how(before);
        if (after !== before) setKept(rememberPlaces(after));
        return after;
      }),
    [],
  );
  return [places, change, kept];
}

/** Keeps what is remembered of my places as the newest outlines have it. */
export function useRenewed({ zones, cities }: View, change: ChangePlaces): void {
  useEffect(() => change((places) => renewed(places, zones, cities)), [zones, cities, change]);
}

/** What makes this device silent, and the change of it: kept for the service worker, told to other pages. */
export function useQuiet(): [Quiet, (quiet: Quiet) => void] {
  const [quiet, setQuiet] = useState<Quiet>(LOUD);
  const channel = useMemo(() => ("BroadcastChannel" in window ? new BroadcastChannel("tocsin.quiet") : null), []);
  useEffect(() => {
    const read = () => quietKept().then(setQuiet, () => setQuiet(LOUD));
    read();
    channel?.addEventListener("message", read);
    return () => channel?.close();
  }, [channel]);
  const change = useCallback(
    (after: Quiet) => {
      setQuiet(after);
      keepQuiet(after).then(
        () => channel?.postMessage(null),
        (error) => console.warn("tocsin: silence could not be kept", error),
      );
    },
    [channel],
  );
  return [quiet, change];
}

export const pausedUntil = (quiet: Quiet, nowMs: number, forMs: number): Quiet => ({
  ...quiet,
  pausedUntilMs: nowMs + Math.min(forMs, PAUSE_MS_MAX),
});

/** Lets go of "I am safe" where it is over. */
export function useSettled(mine: readonly Mine[], quiet: Quiet, change: (quiet: Quiet) => void): void {
  const after = settled(quiet, mine.map(({ place: { id, zones }, standing: { word } }) => ({ id, zones, word })));
  useEffect(() => {
    if (after !== quiet) change(after);
  });
}

// What tells this page from the others of this device.
const PAGE = String(Math.random());
const isWarned = ({ word }: Said): boolean => word === "take_cover" || word === "prepare";

/** Rings when what is said of a place is news; returns whether it is on, the switch, and what ends the sound. */
export function useAlarm(mine: readonly Mine[], quiet: Quiet): { on: boolean; toggle: () => void; silence: () => void } {
  const [on, setOn] = useState(false);
  const alarm = useMemo(() => new Alarm(), []);
  const last = useRef<ReadonlyMap<string, Said>>(new Map());
  const said = new Map(mine.map(({ place, standing }) => [place.id, saidOf(standing)]));
  const key = JSON.stringify([...said]);
  const paused = isPaused(quiet, Date.now());
  useEffect(() => {
    // What begins in a pause is heard when it ends, if it still stands; its end alone would be an end without a start.
    const after = paused ? awaited(last.current, said) : said;
    const news = [...after].filter(([id, now]) => isNews(last.current.get(id) ?? null, now, quiet.safe[id], Date.now()));
    last.current = after;
    if (!on || news.length === 0 || paused) return;
    const named = new Map(news.map(([id, { word, sinceMs }]) => [`${id} ${word} ${sinceMs}`, word]));
    // Who cannot be heard keeps nobody else from ringing.
    (alarm.isAble ? toRing([...named.keys()], PAGE) : Promise.resolve([...named.keys()])).then((mine) => {
      const word = gravest(mine.map((one) => named.get(one) as Word));
      if (word !== null) alarm.ring(word);
    });
  }, [on, key, alarm, paused]);
  useEffect(() => {
    // Whoever says it on any page of this device has said it to the one that rings.
    const warned = [...said].filter(([, now]) => isWarned(now));
    const safe = warned.length > 0 && warned.every(([id, now]) => isSafe(quiet.safe[id], now, Date.now()));
    if (paused || safe) alarm.silence();
  }, [quiet, paused, alarm]);
  const toggle = () => {
    if (on) alarm.silence();
    else alarm.enable().catch((error) => console.warn("tocsin: no sound", error));
    setOn(!on);
  };
  return { on, toggle, silence: () => alarm.silence() };
}

/** What this device saw of my places. */
export function useHistory(mine: readonly Mine[], view: View): readonly Span[] {
  const [spans, setSpans] = useState(rememberedSpans);
  const seen = mine.map(({ place, standing: { word, state } }) => ({
    ...{ place: place.id, word, sinceMs: state?.sinceMs ?? null },
    drill: state?.drill === true || view.picture?.drill === true,
  }));
  const key = JSON.stringify(seen);
  const believed = view.trust.kind === "live" || view.trust.kind === "degraded";
  useEffect(() => {
    if (!believed) return;
    const after = noted(spans, seen, view.nowMs);
    if (after === spans) return;
    rememberSpans(after);
    setSpans(after);
  }, [key, believed]);
  return spans;
}
