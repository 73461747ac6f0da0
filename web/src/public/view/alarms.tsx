// How this device is woken: the sound, the pushes, and the pause that ends by itself.

import { useWords } from "../context";
import { pausedUntil } from "../hooks";
import { isPaused, type Quiet } from "../../shared/model/quiet";
import { PushSwitch } from "./push";

const PAUSES_H = [1, 3, 8];

interface Props {
  zones: readonly string[];
  on: boolean;
  toggle: () => void;
  quiet: Quiet;
  setQuiet: (quiet: Quiet) => void;
}

export function Alarms({ zones, on, toggle, quiet, setQuiet }: Props) {
  const words = useWords();
  return (
    <section class="card alarms" aria-labelledby="alarms">
      <h2 id="alarms">{words.say("alarms")}</h2>
      <button type="button" class="alarm" aria-pressed={on} aria-describedby="alarm-text" onClick={toggle}>
        {words.say(on ? "alarm_off" : "alarm_on")}
      </button>
      <p class="hint" id="alarm-text">
        {words.say("alarm_text")}
      </p>
      <PushSwitch zones={zones} />
      <p class="hint">{words.say("asleep")}</p>
      <Pause quiet={quiet} setQuiet={setQuiet} />
    </section>
  );
}

function Pause({ quiet, setQuiet }: Pick<Props, "quiet" | "setQuiet">) {
  const words = useWords();
  if (isPaused(quiet, Date.now())) return null;
  return (
    <p class="pause">
      <span id="pause">{words.say("pause")}</span>
      {PAUSES_H.map((hours) => (
        <button
          key={hours}
          type="button"
          aria-describedby="pause"
          onClick={() => setQuiet(pausedUntil(quiet, Date.now(), hours * 3_600_000))}
        >
          {words.hours(hours)}
        </button>
      ))}
    </p>
  );
}

/** That the device is silent, where it cannot be overlooked. */
export function PauseBanner({ quiet, setQuiet }: Pick<Props, "quiet" | "setQuiet">) {
  const words = useWords();
  if (!isPaused(quiet, Date.now())) return null;
  return (
    <aside class="paused" aria-label={words.say("alarms")}>
      <span role="status">{words.say("pause_text", { time: words.time(quiet.pausedUntilMs) })}</span>
      <button type="button" onClick={() => setQuiet({ ...quiet, pausedUntilMs: 0 })}>
        {words.say("resume")}
      </button>
    </aside>
  );
}
