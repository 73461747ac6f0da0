// What of an act is open: level, how long, whose, and what everybody is told.

import { useDesk } from "../desk";
import type { Raised } from "../model/wire";
import { LevelSign } from "../view/parts";
import type { Asked, Filled, Whose } from "./asked";

const LASTING_S = [600, 1_800, 3_600, 7_200, 21_600];
const TEXT_MAX = 300;
const REASON_MAX = 1_000;

interface Props {
  readonly asked: Asked;
  readonly filled: Filled;
  readonly change: (part: Partial<Filled>) => void;
}

function Levels({ filled, change }: Omit<Props, "asked">) {
  const { voice } = useDesk();
  const levels: readonly Raised[] = ["take_cover", "prepare"];
  return (
    <fieldset class="levels">
      <legend>{voice.say("field_level")}</legend>
      {levels.map((level) => (
        <label key={level} class={`level-${level}`}>
          <input type="radio" name="level" value={level} checked={filled.level === level} autofocus={filled.level === level} onChange={() => change({ level })} />
          <LevelSign level={level} />
          {voice.level(level)}
        </label>
      ))}
    </fieldset>
  );
}

function Lasting({ filled, change }: Omit<Props, "asked">) {
  const { voice, view } = useDesk();
  const { say, words } = voice;
  return (
    <label>
      {say("field_lasts")}
      <select value={String(filled.lastsS)} onChange={({ currentTarget: { value } }) => change({ lastsS: value === "null" ? null : Number(value) })}>
        {LASTING_S.map((seconds) => (
          <option key={seconds} value={String(seconds)}>
            {words.duration(seconds)} – {voice.zoned(view.nowMs + 1000 * seconds)}
          </option>
        ))}
        <option value="null">{say("until_released")}</option>
      </select>
    </label>
  );
}

function Told({ filled, change }: Omit<Props, "asked">) {
  const { voice, texts } = useDesk();
  const { say } = voice;
  const ids = Object.keys(texts);
  return (
    <>
      {ids.length > 0 && (
        <label>
          {say("field_prepared")}
          <select value={filled.prepared ?? ""} onChange={({ currentTarget: { value } }) => change({ prepared: value === "" ? null : value })}>
            {ids.map((id) => (
              <option key={id} value={id}>
                {texts[id]}
              </option>
            ))}
            <option value="">{say("own_words")}</option>
          </select>
        </label>
      )}
      {filled.prepared === null && (
        <label>
          {say("field_public")}
          <input dir="auto" maxLength={TEXT_MAX} value={filled.publicReason} onInput={({ currentTarget: { value } }) => change({ publicReason: value })} />
        </label>
      )}
    </>
  );
}

function WhoseField({ filled, change }: Omit<Props, "asked">) {
  const { voice } = useDesk();
  const all: readonly Whose[] = ["all", "officers", "mine"];
  return (
    <label>
      {voice.say("field_whose")}
      <select value={filled.whose} onChange={({ currentTarget: { value } }) => change({ whose: value as Whose })}>
        {all.map((whose) => (
          <option key={whose} value={whose}>
            {voice.say(`whose_${whose}`)}
          </option>
        ))}
      </select>
    </label>
  );
}

export function Fields({ asked, filled, change }: Props) {
  const { voice } = useDesk();
  const { say } = voice;
  const part = { filled, change };
  const tells = asked.do === "cancel" || asked.do === "retract";
  return (
    <div class="fields">
      {asked.do === "raise" && <Levels {...part} />}
      {(asked.do === "raise" || asked.do === "extend") && <Lasting {...part} />}
      {(tells || asked.do === "raise") && <Told {...part} />}
      {asked.do === "retract" && <WhoseField {...part} />}
      <label>
        {say("field_reason")}
        <input dir="auto" maxLength={REASON_MAX} value={filled.reason} onInput={({ currentTarget: { value } }) => change({ reason: value })} />
      </label>
    </div>
  );
}
