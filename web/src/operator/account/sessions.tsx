// Where one is signed in, and an end to each.

import { useCallback, useEffect, useState } from "preact/hooks";
import { call } from "../call";
import { Fault, useTry, type Voiced } from "./parts";
import { moment } from "./times";

interface One {
  readonly id: string;
  readonly by: "password" | "code" | "recovery" | "invitation" | "passkey" | "openid";
  readonly made_at: string;
  readonly seen_at: string;
  readonly agent: string;
  readonly where: "this machine" | "a private network" | "elsewhere";
  readonly this: boolean;
}

const BROWSERS: readonly (readonly [pattern: RegExp, name: string])[] = [
  [/Edg/, "Edge"],
  [/OPR/, "Opera"],
  [/Firefox/, "Firefox"],
  [/Chrom/, "Chrome"],
  [/Safari/, "Safari"],
];
const SYSTEMS: readonly (readonly [pattern: RegExp, name: string])[] = [
  [/Android/, "Android"],
  [/iPhone|iPad/, "iOS"],
  [/Windows/, "Windows"],
  [/Mac OS/, "macOS"],
  [/Linux|X11/, "Linux"],
];

/** "Firefox, Linux": as much of what a browser says it is as tells one's own apart. */
export function browserOf(agent: string): string {
  const found = [BROWSERS, SYSTEMS].flatMap((known) => known.find(([pattern]) => pattern.test(agent))?.[1] ?? []);
  return found.join(", ") || agent.slice(0, 40) || "?";
}

export function Sessions({ stamp, ...voiced }: Voiced & { stamp: string }) {
  const { say, words } = voiced;
  const [all, setAll] = useState<readonly One[]>([]);
  const tried = useTry(voiced);
  const ask = useCallback(() => void call<{ sessions: readonly One[] }>("GET", "/v1/sessions").then((found) => setAll(found.sessions), () => undefined), []);
  // Anew whenever this session has become another.
  useEffect(ask, [ask, stamp]);
  const end = (path: string) =>
    void tried.run(async () => {
      await call("DELETE", path);
      ask();
    });
  return (
    <section>
      <h2>{say("sessions")}</h2>
      <ul class="own-list">
        {all.map((one) => (
          <li key={one.id}>
            <p>
              <bdi>{browserOf(one.agent)}</bdi> {one.this && <strong>({say("this_one")})</strong>}
              <small class="soft">
                {say("since_seen", { since: moment(one.made_at, words), seen: moment(one.seen_at, words) })}
                {`. ${say(`by_${one.by}`)}, ${say(`where_${one.where}`)}`}
              </small>
            </p>
            {!one.this && (
              <button type="button" onClick={() => end(`/v1/sessions/${encodeURIComponent(one.id)}`)}>
                {say("end")}
              </button>
            )}
          </li>
        ))}
      </ul>
      <Fault tried={tried} />
      {all.length > 1 && (
        <button type="button" onClick={() => end("/v1/sessions")}>
          {say("end_others")}
        </button>
      )}
    </section>
  );
}
