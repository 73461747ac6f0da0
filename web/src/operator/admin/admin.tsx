// How the service is set, who may do what, and what people did: people, the record, sites, sensors, sources and their authority, channels, rules.

import { useState } from "preact/hooks";
import { useOwn } from "../../shared/i18n/hooks";
import { POSTS } from "../../shared/i18n/posts";
import { useDesk } from "../desk";
import { Audit } from "./audit";
import { Rules, Sources, Ways } from "./set";
import { People } from "./people";
import { SensorTable } from "./sensors";
import { Sites } from "./sites";
import { Spotters } from "./spotters";

const PARTS = ["people", "audit", "spotters", "sites", "sensors", "sources", "channels", "rules"] as const;
type Part = (typeof PARTS)[number];

export function Admin({ close }: { close: () => void }) {
  const { voice, may } = useDesk();
  const { say } = voice;
  const sayPosts = useOwn(POSTS, voice.words.language);
  const parts = PARTS.filter((part) => (part !== "people" && part !== "audit" && part !== "spotters") || may(part));
  const [part, setPart] = useState<Part>(parts[0] ?? "sensors");
  return (
    <main class="admin">
      <div class="admin-head">
        <h2>{say("admin")}</h2>
        <nav aria-label={say("admin")}>
          {parts.map((one) => (
            <button key={one} type="button" aria-current={one === part ? "page" : undefined} onClick={() => setPart(one)}>
              {one === "spotters" ? sayPosts("spotters") : say(`admin_${one}`)}
            </button>
          ))}
        </nav>
        <button type="button" class="main" onClick={close}>
          {say("back_to_desk")}
        </button>
      </div>
      {part === "people" && <People />}
      {part === "audit" && <Audit />}
      {part === "spotters" && <Spotters />}
      {part === "sites" && <Sites />}
      {part === "sensors" && <SensorTable />}
      {part === "sources" && <Sources />}
      {part === "channels" && <Ways />}
      {part === "rules" && <Rules />}
    </main>
  );
}
