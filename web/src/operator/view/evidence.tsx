// Why a zone stands as it does: what flies towards it, who said so, what holds it, what an all clear waits for, and
// whom the warning has reached.

import { useDesk } from "../desk";
import type { Delivered, Evidence } from "../model/asked";
import { Facts, Left, Said } from "./parts";
import { ClassSign } from "./legend";
import { blindOf, clearingOf, holdOf } from "./why";

function Carriers({ evidence }: { evidence: Evidence }) {
  const { voice, chooseTrack, open } = useDesk();
  const { say } = voice;
  if (evidence.carriers.length === 0) return null;
  return (
    <>
      <h3>{say("carriers")}</h3>
      <ul class="carriers">
        {evidence.carriers.slice(0, 8).map((one) => (
          <li key={one.track} class={one.taken_back ? "taken-back" : ""}>
            <button
              type="button"
              onClick={() => {
                chooseTrack(one.track);
                open("sky");
              }}
            >
              <ClassSign threat={one.threat} /> {voice.threat(one.threat)}
            </button>
            <strong>{voice.percent(one.probability)}</strong>
            <span>
              <Left at={one.eta_earliest} none="" arrival /> – <Left at={one.eta_likely} none="" arrival />
            </span>
            {one.sensors !== null && <span class="soft">{say("seen_by", { count: voice.words.number(one.sensors) })}</span>}
            {one.taken_back && <span class="soft">{say("taken_back")}</span>}
          </li>
        ))}
      </ul>
    </>
  );
}

/** How far the warning has come on one channel. */
function Reached({ one }: { one: Delivered }) {
  const { voice } = useDesk();
  const { say, words } = voice;
  const whole = Math.max(one.recipients, 1);
  const text = one.recipients === 0
    ? say("fetched")
    : say("reached", { accepted: words.number(one.accepted_by), all: words.number(one.recipients) });
  return (
    <li>
      <span>{one.channel}</span>
      {one.recipients > 0 && <progress max={whole} value={Math.min(one.accepted_by, whole)} aria-label={one.channel} />}
      <span class="soft">
        {text}
        {one.failed > 0 && ` · ${say("failures", { count: words.number(one.failed) })}`}
        {one.given_up > 0 && ` · ${say("given_up", { count: words.number(one.given_up) })}`}
        {one.heard !== null && ` · ${say("heard", { time: voice.time(one.heard) })}`}
      </span>
    </li>
  );
}

export function EvidenceView({ evidence }: { evidence: Evidence }) {
  const { voice } = useDesk();
  const { say, words } = voice;
  const { holds, clearing, delivered, sources } = evidence;
  const blind = blindOf(evidence, voice);
  return (
    <div class="evidence">
      {evidence.reason !== "" && (
        <p lang="en" dir="auto">
          {evidence.reason}
        </p>
      )}
      <Facts
        rows={[
          [say("odds"), voice.percent(evidence.probability)],
          [say("calls_cover"), words.number(Math.round(100 * evidence.cover) / 100)],
          [say("calls_prepare"), words.number(Math.round(100 * evidence.prepare) / 100)],
          [say("population"), words.number(evidence.people)],
          [say("to_shelter"), words.duration(evidence.shelter_s)],
          ...(evidence.since === null ? [] : [[say("since"), voice.time(evidence.since)] as const]),
          ...(evidence.expires === null ? [] : [[say("expires"), voice.time(evidence.expires)] as const]),
          ...(sources.length === 0 ? [] : [[say("sources"), sources.join(", ")] as const]),
        ]}
      />
      <Carriers evidence={evidence} />
      {holds.length > 0 && (
        <>
          <h3>{say("holds")}</h3>
          <ul>
            {holds.map((hold) => (
              <li key={`${hold.by} ${hold.level} ${hold.who.join()}`}>
                {voice.level(hold.level)} · {say(`hold_${hold.by}`)} {hold.who.join(", ")} {hold.until !== null && <Left at={hold.until} none="" />}{" "}
                <span class="soft">
                  <Said told={holdOf(hold, voice)} />
                </span>
              </li>
            ))}
          </ul>
        </>
      )}
      {clearing !== null && (
        <>
          <h3>{say("clearing")}</h3>
          <p>
            <Said told={clearingOf(clearing, evidence.blindness, voice)} />{" "}
            {clearing.earliest !== null && <strong>{say("earliest", { time: voice.zoned(clearing.earliest) })}</strong>}
          </p>
        </>
      )}
      {blind !== null && (
        <p class="blind-tag">
          {say("blind")}: <Said told={blind} />
        </p>
      )}
      {delivered.length > 0 && (
        <>
          <h3>{say("delivered")}</h3>
          <ul class="delivered">
            {delivered.map((one) => (
              <Reached key={one.channel} one={one} />
            ))}
          </ul>
        </>
      )}
    </div>
  );
}
