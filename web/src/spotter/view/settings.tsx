// Language, screen and text size; the place that is used without satellites; and everything gone.

import { isLanguage, LANGUAGES, type Language } from "../../shared/i18n";
import { useSpoken } from "../context";
import { type Look, SIZES, THEMES } from "../look";
import type { Position } from "../model/position";

interface Props {
  readonly look: Look;
  readonly setLook: (look: Look) => void;
  readonly choose: (language: Language) => void;
  readonly position: Position;
  readonly place: () => void;
  readonly back: () => void;
}

export function Settings({ look, setLook, choose, position, place, back }: Props) {
  const { words, say } = useSpoken();
  return (
    <main class="step settings">
      <h1>{say("settings")}</h1>
      <label>
        <span>{words.say("language")}</span>
        <select
          value={words.language}
          onChange={({ currentTarget }) => isLanguage(currentTarget.value) && choose(currentTarget.value)}
        >
          {Object.entries(LANGUAGES).map(([tag, name]) => (
            <option key={tag} value={tag} lang={tag}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <fieldset>
        <legend>{say("theme")}</legend>
        {THEMES.map((theme) => (
          <button type="button" key={theme} aria-pressed={look.theme === theme} onClick={() => setLook({ ...look, theme })}>
            {say(`theme_${theme}`)}
          </button>
        ))}
      </fieldset>
      <fieldset>
        <legend>{say("text_size")}</legend>
        {SIZES.map((size) => (
          <button type="button" key={size} aria-pressed={look.size === size} onClick={() => setLook({ ...look, size })}>
            {say(`size_${size}`)}
          </button>
        ))}
      </fieldset>
      <fieldset>
        <legend>{say("my_place")}</legend>
        <button type="button" aria-pressed={position.kind !== "chosen"} onClick={() => position.choose(null)}>
          {say("use_position")}
        </button>
        <button type="button" aria-pressed={position.kind === "chosen"} onClick={place}>
          {say("choose_place")}
        </button>
      </fieldset>
      <p class="hint">{say("install_text")}</p>
      <p class="beneath">
        <button type="button" class="quiet" onClick={back}>
          {say("back")}
        </button>
      </p>
    </main>
  );
}
