// The page's clockwork as hooks: the live view, the chosen language, the remembered place, the alarm.

import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { Alarm } from "../shared/model/alarm";
import { Live, type View } from "../shared/model/live";
import { rememberedPlace, rememberPlace, type Standing } from "../shared/model/place";

/** The live view, renewed when something changes and at every turn of the service's second. */
export function useLive(): View {
  const [, redraw] = useState(0);
  const live = useMemo(() => new Live(() => redraw((n) => n + 1)), []);
  const view = live.view();
  useEffect(() => live.start(), [live]);
  useEffect(() => {
    const timer = setTimeout(() => redraw((n) => n + 1), 1_010 - (view.nowMs % 1_000));
    return () => clearTimeout(timer);
  });
  return view;
}

export { useLanguage } from "../shared/i18n/hooks";

export function usePlace(): [string | null, (zone: string | null) => void] {
  const [place, setPlace] = useState(rememberedPlace);
  return [
    place,
    (zone) => {
      rememberPlace(zone);
      setPlace(zone);
    },
  ];
}

/** Rings when the word for my place changes; returns whether it is on, and the switch. */
export function useAlarm(standing: Standing | null): [boolean, () => void] {
  const [on, setOn] = useState(false);
  const alarm = useMemo(() => new Alarm(), []);
  const word = standing?.word ?? null;
  const last = useRef(word);
  useEffect(() => {
    if (on && word !== null && last.current !== null && word !== last.current) alarm.ring(word);
    last.current = word;
  }, [on, word, alarm]);
  const toggle = () => {
    if (on) alarm.silence();
    else alarm.enable().catch((error) => console.warn("tocsin: no sound", error));
    setOn(!on);
  };
  return [on, toggle];
}
