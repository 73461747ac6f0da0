// How the service is set, and who may do what: sensors, sources and their authority, channels, rules, people.

import { useState } from "preact/hooks";
import { useDesk } from "../desk";
import { Rules, Sources, Ways } from "./set";
import { People } from "./people";
import { SensorTable } from "./sensors";

const PARTS = ["people", "sensors", "sources", "channels", "rules"] as const;
type Part = (typeof PARTS)[number];

export function Admin({ close }: { close: () => void }) {
  const { voice, may } = useDesk();
  const { say } = voice;
  const parts = PARTS.filter((part) => part !== "people" || may("people"));
  const [part, setPart] = useState<Part>(parts[0] ?? "sensors");
  return (
    <main class="admin">
      <div class="admin-head">
        <h2>{say("admin")}</h2>
        <nav aria-label={say("admin")}>
          {parts.map((one) => (
            <button key={one} type="button" aria-current={one === part ? "page" : undefined} onClick={() => setPart(one)}>
              {say(`admin_${one}`)}
            </button>
          ))}
        </nav>
        <button type="button" class="main" onClick={close}>
          {say("back_to_desk")}
        </button>
      </div>
      {part === "people" && <People />}
      {part === "sensors" && <SensorTable />}
      {part === "sources" && <Sources />}
      {part === "channels" && <Ways />}
      {part === "rules" && <Rules />}
    </main>
  );
}
