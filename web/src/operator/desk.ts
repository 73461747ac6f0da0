// All that the console's parts share: what is shown, what is chosen, and what an officer is about to do.

import { createContext } from "preact";
import { useCallback, useContext, useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Asked } from "./act/asked";
import { call } from "./call";
import type { Settings } from "./model/asked";
import { Console, type View } from "./model/console";
import type { Picture } from "./model/wire";
import type { Permission, Session } from "./session";
import type { Voice } from "./voice";

export const TABS = ["zones", "sky", "sensors", "delivery", "log", "notes", "ledger", "minutes"] as const;
export type Tab = (typeof TABS)[number];

export interface PastShown {
  readonly atMs: number;
  readonly picture: Picture | null;
}

export interface Desk {
  readonly voice: Voice;
  readonly session: Session;
  readonly view: View;
  /** What is on the screen: the live picture, or one of the past. */
  readonly shown: Picture | null;
  readonly past: PastShown | null;
  readonly drill: boolean;
  readonly settings: Settings | null;
  readonly texts: Readonly<Record<string, string>>;
  readonly zones: ReadonlySet<string>;
  readonly track: string | null;
  readonly sensor: string | null;
  readonly tab: Tab;
  /** Those that there are here, and for whoever is signed in: where there is no ledger, none shows one. */
  readonly tabs: readonly Tab[];
  readonly asked: Asked | null;
  /** Coloured on the map: of zones, the share of people who could not be in shelter in time; null: nothing is. */
  readonly lacking: ReadonlyMap<string, number> | null;
  readonly news: string;
  /** The ring of the area that is being drawn, or null. */
  readonly drawing: boolean;
  may(permission: Permission): boolean;
  /** Whether acts may be sent now: never out of a picture of the past. */
  readonly acting: boolean;
  chooseZones(zones: Iterable<string>): void;
  chooseTrack(id: string | null): void;
  chooseSensor(id: string | null): void;
  open(tab: Tab): void;
  ask(asked: Asked | null): void;
  tell(news: string): void;
  draw(on: boolean): void;
  showPast(past: PastShown | null): void;
  showLacking(lacking: ReadonlyMap<string, number> | null): void;
}

export const DeskContext = createContext<Desk | null>(null);

export function useDesk(): Desk {
  const desk = useContext(DeskContext);
  if (desk === null) throw new Error("no desk");
  return desk;
}

/** The live view, renewed with every message and every second: an age that stands still would be a lie. */
export function useView(): View {
  const [, renew] = useState(0);
  const [made] = useState(() => new Console(() => renew((count) => count + 1)));
  useEffect(() => {
    made.start();
    const timer = setInterval(() => renew((count) => count + 1), 1_000);
    return () => {
      clearInterval(timer);
      made.stop();
    };
  }, [made]);
  return made.view();
}

/** Asked for once; again until it is there. */
function useAsked<T>(path: string): T | null {
  const [found, setFound] = useState<T | null>(null);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ask = () => {
      call<T>("GET", path).then(setFound, () => {
        timer = setTimeout(ask, 10_000);
      });
    };
    ask();
    return () => clearTimeout(timer);
  }, [path]);
  return found;
}

const NO_TEXTS = {};

export function useNewDesk(session: Session, voice: Voice): Desk {
  const view = useView();
  const settings = useAsked<Settings>("/v1/console/settings");
  const prepared = useAsked<{ texts: Record<string, string> }>("/v1/prepared");
  const [zones, setZones] = useState<ReadonlySet<string>>(new Set());
  const [track, chooseTrack] = useState<string | null>(null);
  const [sensor, chooseSensor] = useState<string | null>(null);
  const [tab, open] = useState<Tab>("zones");
  const [asked, setAsked] = useState<Asked | null>(null);
  const [news, tell] = useState("");
  const [drawing, draw] = useState(false);
  const [past, showPast] = useState<PastShown | null>(null);
  const [lacking, showLacking] = useState<ReadonlyMap<string, number> | null>(null);
  const ledger = settings?.ledger ?? false;
  const minutes = (settings?.minutes ?? false) && session.may.includes("plan");
  const tabs = useMemo(() => TABS.filter((one) => (one !== "ledger" || ledger) && (one !== "minutes" || minutes)), [ledger, minutes]);
  const acting = past === null && session.may.includes("act");
  const may = useCallback((permission: Permission) => session.may.includes(permission), [session]);
  const chooseZones = useCallback((ids: Iterable<string>) => setZones(new Set(ids)), []);
  const pastNow = useRef(past);
  pastNow.current = past;
  const ask = useCallback((one: Asked | null) => {
    if (one === null || pastNow.current === null) setAsked(one);
  }, []);
  const texts = prepared?.texts ?? NO_TEXTS;
  const shown = past === null ? view.picture : past.picture;
  const drill = view.picture?.drill ?? settings?.drill ?? false;
  return useMemo(
    () => ({
      voice, session, view, shown, past, drill, settings, texts, zones, track, sensor, tab, tabs, asked, lacking, news, drawing, acting,
      may, chooseZones, chooseTrack, chooseSensor, open, ask, tell, draw, showPast, showLacking,
    }),
    [voice, session, view, shown, past, drill, settings, texts, zones, track, sensor, tab, tabs, asked, lacking, news, drawing, acting, may, chooseZones, ask],
  );
}
