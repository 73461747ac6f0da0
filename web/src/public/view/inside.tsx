// Seconds to being inside: what there is time for from here, and how long I need.

import { useWords } from "../context";
import type { Advice as Told } from "../../shared/model/inside";
import type { MyPlace } from "../../shared/model/places";

const CHOICES_S = [30, 60, 120, 180, 300, 480, 600, 900, 1_200, 1_800];

/** "Go now: you need 3 minutes", or "inner room, now". Announced with the word; it has no running digits. */
export function Advice({ advice, needS }: { advice: Told; needS: number }) {
  const words = useWords();
  const time = words.duration(needS);
  const text =
    advice.kind === "inner_room"
      ? words.say("inner_room")
      : advice.kind === "leave_by"
        ? words.say("leave_by", { time, by: words.time(advice.byMs) })
        : words.say(advice.kind, { time });
  return (
    <p class={`advice advice-${advice.kind}`} role="status">
      <strong>{text}</strong>
      {advice.kind === "inner_room" && needS > 0 && <small>{words.say("inner_room_why", { time })}</small>}
    </p>
  );
}

interface NeedProps {
  place: MyPlace;
  zoneS: number;
  choose: (insideS: number | null) => void;
}

/** My own time to shelter from this place. */
export function Need({ place, zoneS, choose }: NeedProps) {
  const words = useWords();
  const id = `need-${place.id}`;
  return (
    <p class="need">
      <label for={id}>{words.say("inside_ask")}</label>
      <select
        id={id}
        value={place.insideS === null ? "" : String(place.insideS)}
        onChange={({ currentTarget: { value } }) => choose(value === "" ? null : Number(value))}
      >
        <option value="">{words.say("inside_zone", { time: words.duration(zoneS) })}</option>
        <option value="0">{words.say("inside_none")}</option>
        {CHOICES_S.map((s) => (
          <option key={s} value={String(s)}>
            {words.duration(s)}
          </option>
        ))}
      </select>
    </p>
  );
}
