// Finding zones by name, and choosing them.

import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { citiesOf, nameOf } from "../../shared/model/outlines";
import { foldedNames, search } from "../../shared/model/search";
import { useDesk } from "../desk";

export function Find({ close }: { close: () => void }) {
  const { view, voice, zones, chooseZones, open, ask, acting } = useDesk();
  const { say, words } = voice;
  const dialog = useRef<HTMLDialogElement>(null);
  const [text, setText] = useState("");
  const cities = useMemo(() => citiesOf(view.zones), [view.zones]);
  const names = useMemo(() => foldedNames(view.zones.values(), cities), [view.zones, cities]);
  const found = useMemo(() => search(text, names), [text, names]);
  useEffect(() => dialog.current?.showModal(), []);
  const add = (id: string) => {
    chooseZones([...zones, ...(cities.get(id)?.parts ?? [id])]);
    open("zones");
    setText("");
  };
  const submit = (event: Event) => {
    event.preventDefault();
    if (found[0] !== undefined) add(found[0].id);
    else if (text === "" && zones.size > 0) {
      close();
      if (acting) ask({ do: "raise", zones: [...zones] });
    }
  };
  return (
    <dialog ref={dialog} class="find" aria-labelledby="find-title" onClose={close}>
      <form onSubmit={submit} role="search">
        <h2 id="find-title">{say("find_title")}</h2>
        <p class="soft" id="find-how">
          {say("find_how")}
        </p>
        <input type="search" dir="auto" autofocus autocomplete="off" spellcheck={false} aria-label={words.say("ask_label")} aria-describedby="find-how" value={text} onInput={({ currentTarget: { value } }) => setText(value)} />
        <ul class="found">
          {found.map((zone) => (
            <li key={zone.id}>
              <button type="button" onClick={() => add(zone.id)}>
                <bdi>{nameOf(zone, zone.id, words.language).text}</bdi> <span class="soft">{words.number(zone.population)}</span>
              </button>
            </li>
          ))}
        </ul>
        <p role="status" class="soft">
          {text !== "" && (found.length === 0 ? words.say("not_found") : words.say("found", { count: words.number(found.length) }))}
        </p>
        {zones.size > 0 && (
          <p>
            <strong>{say("chosen")}</strong> {voice.zones([...zones], view.zones)}
          </p>
        )}
        <p class="buttons">
          <button type="submit" class="main">
            {text === "" && zones.size > 0 ? say("verb_raise") : say("choose")}
          </button>
          <button type="button" onClick={() => dialog.current?.close()}>
            {say("close_this")}
          </button>
        </p>
      </form>
    </dialog>
  );
}
