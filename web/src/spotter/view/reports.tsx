// What this device reported lately, and what came of it. Not where: whoever looks over a shoulder learns nothing.

import { useSpoken } from "../context";
import type { Report } from "../model/report";
import type { SpotterKey } from "../../shared/i18n/spotter";
import { Silhouette } from "./silhouettes";

export function stateKey({ state, why }: Report): SpotterKey {
  if (state !== "refused") return `state_${state}`;
  return why === "old" ? "state_old" : why === "revoked" ? "state_revoked" : "state_refused";
}

export function Row({ report }: { report: Report }) {
  const { words, say } = useSpoken();
  return (
    <span class={`row is-${report.state}`}>
      <Silhouette kind={report.what} />
      <span>
        <b>{say(`what_${report.what}`)}</b> <time>{words.time(report.capturedMs)}</time>
        <small>{say(stateKey(report))}</small>
      </span>
    </span>
  );
}

export function Reports({ reports, back }: { reports: readonly Report[]; back: () => void }) {
  const { say } = useSpoken();
  return (
    <main class="step list">
      <h1>{say("reports")}</h1>
      {reports.length === 0 && <p>{say("none")}</p>}
      <ul>
        {reports.slice(0, 100).map((one) => (
          <li key={one.id}>
            <Row report={one} />
          </li>
        ))}
      </ul>
      <p class="beneath">
        <button type="button" class="quiet" onClick={back}>
          {say("back")}
        </button>
      </p>
    </main>
  );
}
