// What the signs on the map mean.

import { useDesk } from "../desk";
import { LevelSign } from "./parts";

const CLASSES = ["jet", "aircraft", "helicopter", "drone", "cruise_missile", "ballistic_missile", "rocket", "civil", "unknown"] as const;
const SHAPES: Readonly<Record<(typeof CLASSES)[number], string>> = {
  jet: "M12 2 14 10 21 17 14 16 15 20 12 19 9 20 10 16 3 17 10 10Z",
  aircraft: "M12 2 13.5 9 22 12V14H13.5L13.2 18 16 20 12 19.5 8 20 10.8 18 10.5 14H2V12L10.5 9Z",
  drone: "M12 4 20 19 12 16 4 19Z",
  helicopter: "M12 3.5a6.5 6.5 0 1 0 .01 0ZM10.8 16H13.2V22H10.8Z",
  cruise_missile: "M12 3 14.5 7V15L18 20H6L9.5 15V7Z",
  ballistic_missile: "M12 2 16 12 12 22 8 12Z",
  rocket: "M7 6H10V20H7ZM14 3H17V17H14Z",
  civil: "M12 6 16 17 12 15 8 17Z",
  unknown: "M12 4 20 12 12 20 4 12Z",
};

export function ClassSign({ threat }: { threat: string }) {
  const known = (CLASSES as readonly string[]).includes(threat) ? (threat as (typeof CLASSES)[number]) : "unknown";
  return (
    <svg class={`class-sign${known === "civil" ? " civil" : ""}`} viewBox="0 0 24 24" aria-hidden="true">
      <path d={SHAPES[known]} />
    </svg>
  );
}

export function SensorSign({ state }: { state: string }) {
  const kind = state === "up" ? "seeing" : state === "unheard" ? "silent" : "trouble";
  return (
    <svg class={`sensor-sign sensor-${kind}`} viewBox="0 0 24 24" aria-hidden="true">
      <path class="ground" d="M4 4H20V20H4Z" />
      <path class="mark" d={kind === "seeing" ? "M8 12 11 15.5 16 8.5" : "M8 8 16 16M16 8 8 16"} />
    </svg>
  );
}

export function Legend() {
  const { voice } = useDesk();
  const { say, words } = voice;
  return (
    <details class="legend">
      <summary>{say("legend")}</summary>
      <ul>
        {(["take_cover", "prepare", "all_clear"] as const).map((level) => (
          <li key={level}>
            <LevelSign level={level} /> {voice.level(level)}
          </li>
        ))}
        <li>
          <span class="hatched" aria-hidden="true" /> {words.say("level_degraded")}
        </li>
        {CLASSES.map((threat) => (
          <li key={threat}>
            <ClassSign threat={threat} /> {voice.threat(threat)}
          </li>
        ))}
        <li>
          <span class="hollow" aria-hidden="true">
            <ClassSign threat="drone" />
          </span>{" "}
          {say("legend_hollow")}
        </li>
        <li>{say("legend_doubt")}</li>
        <li>
          <SensorSign state="up" /> {say("state_up")}
        </li>
        <li>
          <SensorSign state="silent" /> {say("legend_trouble")}
        </li>
      </ul>
      <p class="soft">{words.say("land")}</p>
    </details>
  );
}
