// Schools, hospitals, airports: how each stands, how it fares, whom to call; an officer may say how one fares.

import { useCallback, useEffect, useState } from "preact/hooks";
import { call, Refused } from "../call";
import { useDesk } from "../desk";
import { Table } from "./set";

const STATES = ["open", "sheltering", "out_of_service"] as const;
type State = (typeof STATES)[number];
const EVERY_MS = 10_000;

interface Site {
  readonly id: string;
  readonly name: string;
  readonly stands: { readonly level: string; readonly leave_by: string | null; readonly degraded: boolean };
  readonly state: State;
  readonly until: string | null;
  readonly contact: string;
}

export function Sites() {
  const { voice, may } = useDesk();
  const { say } = voice;
  const [sites, setSites] = useState<readonly Site[] | null>(null);
  const [fault, setFault] = useState("");
  const failed = useCallback((error: unknown) => setFault(error instanceof Refused ? say("refused", { why: error.detail }) : say("not_sent")), [say]);
  const ask = useCallback(() => {
    call<{ sites: readonly Site[] }>("GET", "/v1/console/sites").then((found) => setSites(found.sites), failed);
  }, [failed]);
  useEffect(() => {
    ask();
    const timer = setInterval(ask, EVERY_MS);
    return () => clearInterval(timer);
  }, [ask]);
  const put = (id: string, state: State) => {
    setFault("");
    call("PUT", `/v1/sites/${encodeURIComponent(id)}/status`, { state }).then(ask, failed);
  };
  const rows = sites?.map(({ id, name, stands, state, until, contact }) => [
    name,
    stands.degraded && stands.level === "none" ? voice.level("unknown") : voice.level(stands.level),
    stands.leave_by === null ? "–" : voice.time(stands.leave_by),
    may("act") ? (
      <select aria-label={`${name}: ${say("state")}`} value={state} onChange={(event) => put(id, event.currentTarget.value as State)}>
        {STATES.map((one) => (
          <option key={one} value={one}>
            {say(`site_${one}`)}
          </option>
        ))}
      </select>
    ) : (
      say(`site_${state}`)
    ),
    until === null ? "–" : voice.time(until),
    contact || "–",
  ]);
  const head = [say("site"), say("field_level"), say("leave_by"), say("state"), say("until"), say("contact")];
  return (
    <>
      {fault !== "" && <p role="alert">{fault}</p>}
      {sites !== null && <Table head={head} rows={rows ?? []} />}
      <p class="soft">{say("set_in_file")}</p>
    </>
  );
}
