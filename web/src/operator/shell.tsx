// The console when somebody has signed in: the head, the three columns, the slider, and what opens over them.

import { useRef, useState } from "preact/hooks";
import { ActDialog } from "./act/dialog";
import { Admin } from "./admin/admin";
import { type Over, useCommands } from "./commands";
import { DeskContext, useDesk, useNewDesk } from "./desk";
import type { Command } from "./model/keys";
import type { Session } from "./session";
import { SoundSwitch } from "./view/bell";
import { Decisions, Orders } from "./view/decisions";
import { Find } from "./view/find";
import { Help } from "./view/help";
import { Panel } from "./view/panel";
import { KeyButton } from "./view/parts";
import { PastBar } from "./view/past";
import { Stage } from "./view/stage";
import { DrillBand, Top, TrustBand, useFrame, useMode } from "./view/top";
import type { Voice } from "./voice";
import type { Language } from "../shared/i18n";

function Deeds({ run }: { run: (command: Command) => void }) {
  const { voice, acting, drawing, past } = useDesk();
  const { say } = voice;
  return (
    <div class="deeds" role="toolbar" aria-label={say("deeds")}>
      <KeyButton hint="d" class="main" disabled={!acting} pressed={drawing} onClick={() => run("draw")}>
        {say("key_draw")}
      </KeyButton>
      <KeyButton hint="f" onClick={() => run("find")}>
        {say("key_find")}
      </KeyButton>
      <KeyButton hint="w" onClick={() => run("whole")}>
        {say("key_whole")}
      </KeyButton>
      <KeyButton hint="p" pressed={past !== null} onClick={() => run("past")}>
        {say("key_past")}
      </KeyButton>
      <KeyButton hint="t" class="danger" disabled={!acting} onClick={() => run("retract")}>
        {say("key_retract")}
      </KeyButton>
    </div>
  );
}

interface Props {
  readonly session: Session;
  readonly voice: Voice;
  readonly choose: (language: Language) => void;
  readonly signOut: () => void;
  readonly openAccount: () => void;
}

export function Shell({ session, voice, ...rest }: Props) {
  const desk = useNewDesk(session, voice);
  return (
    <DeskContext.Provider value={desk}>
      <Inside {...rest} />
    </DeskContext.Provider>
  );
}

function Inside({ choose, signOut, openAccount }: Omit<Props, "session" | "voice">) {
  const desk = useDesk();
  const { asked, past, news, voice, tell } = desk;
  const mode = useMode();
  useFrame(mode);
  const [over, setOver] = useState<Over>(null);
  const [admin, setAdmin] = useState(false);
  const whole = useRef(() => {});
  const run = useCommands(desk, setOver, setAdmin, whole);
  return (
    <>
      <DrillBand />
      <Top mode={mode} run={run} choose={choose} signOut={signOut} openAccount={openAccount} sound={<SoundSwitch />} />
      <TrustBand mode={mode} />
      {admin ? (
        <Admin close={() => setAdmin(false)} />
      ) : (
        <main class="desk">
          <div class="column">
            <Troubles />
            <Decisions />
            <Orders />
          </div>
          <div class="middle">
            <Deeds run={run} />
            <Stage mode={mode} whole={whole} />
            {past !== null && <PastBar />}
          </div>
          <Panel />
        </main>
      )}
      <div class={news === "" ? "news empty" : "news"}>
        <p role="status">{news}</p>
        {news !== "" && (
          <button type="button" onClick={() => tell("")}>
            {voice.say("close_this")}
          </button>
        )}
      </div>
      {asked !== null && <ActDialog key={`${asked.do} ${asked.zones.join()}`} first={asked} />}
      {over === "help" && <Help close={() => setOver(null)} />}
      {over === "find" && <Find close={() => setOver(null)} />}
      <DrillBand bottom />
    </>
  );
}

function Troubles() {
  const { shown, voice } = useDesk();
  const troubles = shown?.troubles ?? [];
  if (troubles.length === 0) return null;
  return (
    <details class="troubles" open>
      <summary>
        {voice.say("trouble")} <span class="count">{voice.words.number(troubles.length)}</span>
      </summary>
      <ul>
        {troubles.map((one) => (
          <li key={one} dir="auto">
            {one}
          </li>
        ))}
      </ul>
    </details>
  );
}
