// Finding my place: by name, or by the browser's position. (By the map: map/map.ts.)

import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { useWords } from "../context";
import type { Key, Words } from "../../shared/i18n";
import type { View } from "../../shared/model/live";
import { type Name, nameOf, otherName, type Zone, zonesAt } from "../../shared/model/outlines";
import { NameIndex, search } from "../../shared/model/search";

// A cold receiver under a roof takes this long; longer, and typing is quicker.
const POSITION_MAX_MS = 15_000;

// So many names are folded in a slice that a slow phone still answers a tap.
const FOLDED_AT_ONCE = 16;
const BETWEEN_MS = 30;

/** The names to search in, made ready in the background. */
function useIndex({ zones, cities }: View): NameIndex {
  const index = useMemo(() => new NameIndex(zones.values(), cities), [zones, cities]);
  useEffect(() => {
    const timer = setInterval(() => index.step(FOLDED_AT_ONCE) || clearInterval(timer), BETWEEN_MS);
    return () => clearInterval(timer);
  }, [index]);
  return index;
}

interface FinderProps {
  view: View;
  choose: (zone: string, at?: readonly [number, number]) => void;
  wantOutlines: () => void;
}

export function Finder({ view, choose, wantOutlines }: FinderProps) {
  const words = useWords();
  const [text, setText] = useState("");
  const [problem, setProblem] = useState<Key | null>(null);
  const index = useIndex(view);
  const found = useMemo(() => (text.trim() === "" ? [] : search(text, index.all())), [text, index]);
  const field = useRef<HTMLInputElement>(null);
  const submit = (event: Event) => {
    event.preventDefault();
    // What stands in the field: whoever presses Enter at once is quicker than the list below it.
    const [first] = search(field.current?.value ?? text, index.all());
    if (first !== undefined) choose(first.id);
  };
  const said = text.trim() === "" ? problem : found.length === 0 && view.outlines === "ready" ? "not_found" : null;
  return (
    <form class="finder" role="search" onSubmit={submit}>
      <label for="place-search">{words.say("ask_label")}</label>
      <input
        ref={field}
        id="place-search"
        type="search"
        dir="auto"
        autocomplete="off"
        autocapitalize="off"
        spellcheck={false}
        enterkeyhint="search"
        placeholder={words.say("ask_label")}
        value={text}
        onFocus={wantOutlines}
        onInput={(event) => setText(event.currentTarget.value)}
      />
      <p class="hidden" role="status">
        {text.trim() !== "" && found.length > 0 && words.say("found", { count: words.number(found.length) })}
      </p>
      <ul class="found">
        {found.map((zone) => (
          <Found key={zone.id} zone={zone} city={view.cities.has(zone.id)} choose={choose} />
        ))}
      </ul>
      <p class="problem" role="alert">
        {said !== null && words.say(said)}
      </p>
      {view.outlines === "failed" && <p class="problem">{words.say("outlines_failed")}</p>}
      <LocateButton view={view} choose={choose} fail={setProblem} wantOutlines={wantOutlines} />
      <p class="hint">
        {words.say("or_tap")}. {words.say("privacy")}
      </p>
    </form>
  );
}

function Found({ zone, city, choose }: { zone: Zone; city: boolean; choose: (zone: string) => void }) {
  const words = useWords();
  const name = nameOf(zone, zone.id, words.language);
  const other = besideName(zone, city, name, words);
  return (
    <li>
      <button type="button" onClick={() => choose(zone.id)}>
        <bdi lang={name.lang}>{name.text}</bdi>
        {other !== null && (
          <small>
            <bdi lang={other.lang}>{other.text}</bdi>
          </small>
        )}
      </button>
    </li>
  );
}

/** What tells places of one name apart: whether it is the whole city, or which city's district. */
function besideName(zone: Zone, city: boolean, name: Name, words: Words): Name | null {
  if (city) return { text: words.say("whole_city"), lang: undefined };
  if (zone.parentNames === null) return otherName(zone, name);
  const whole = nameOf({ ...zone, names: zone.parentNames }, zone.id, words.language);
  if (whole.text === name.text) return { text: words.say("city_centre"), lang: undefined };
  return name.text.startsWith(whole.text) ? otherName(zone, name) : whole;
}

interface LocateProps extends FinderProps {
  fail: (problem: Key | null) => void;
}

function LocateButton({ view, choose, fail, wantOutlines }: LocateProps) {
  const words = useWords();
  const latest = useRef(view);
  latest.current = view;
  const [busy, setBusy] = useState(false);
  if (!("geolocation" in navigator)) return null;
  const locate = () => {
    setBusy(true);
    fail(null);
    wantOutlines();
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        setBusy(false);
        const { zones } = latest.current;
        const here = zonesAt(zones, coords.longitude, coords.latitude)[0];
        if (here === undefined) fail(zones.size === 0 ? "outlines_failed" : "outside");
        else choose(here.id, [coords.longitude, coords.latitude]);
      },
      () => {
        setBusy(false);
        fail("denied");
      },
      { timeout: POSITION_MAX_MS, maximumAge: 60_000 },
    );
  };
  return (
    <button type="button" class="locate" disabled={busy || view.outlines === "loading"} onClick={locate}>
      {words.say(busy ? "locating" : "locate")}
    </button>
  );
}
