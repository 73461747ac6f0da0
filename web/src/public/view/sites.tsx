// Airports and stations that are out of service or in shelter: travellers must know before they set out.

import { useEffect, useState } from "preact/hooks";
import { useWords } from "../context";
import { type TroubledSite, troubledOf } from "../../shared/model/sites";

const EVERY_MS = 60_000;

/** The sites that do not work as always, asked for now and then; what cannot be had now is asked for again. */
function useTroubled(): readonly TroubledSite[] {
  const [sites, setSites] = useState<readonly TroubledSite[]>([]);
  useEffect(() => {
    const ask = async () => {
      if (document.visibilityState === "hidden") return;
      try {
        const answer = await fetch("/v1/sites");
        if (answer.ok) setSites(troubledOf(await answer.json()));
      } catch (error) {
        console.warn("tocsin: no sites", error);
      }
    };
    void ask();
    const timer = setInterval(ask, EVERY_MS);
    return () => clearInterval(timer);
  }, []);
  return sites;
}

export function Sites({ nowMs }: { nowMs: number }) {
  const words = useWords();
  const sites = useTroubled().filter(({ untilMs }) => untilMs === null || untilMs > nowMs);
  if (sites.length === 0) return null;
  return (
    <section class="card sites">
      <h2>{words.say("sites")}</h2>
      <ul>
        {sites.map(({ id, name, state, sinceMs, untilMs, note }) => (
          <li key={id}>
            <bdi>{name}</bdi>: <strong>{words.say(`site_${state}`)}</strong>
            <small>
              {sinceMs !== null && words.say("since", { time: words.moment(sinceMs) })}
              {untilMs !== null && ` · ${words.say("site_until", { time: words.moment(untilMs) })}`}
              {note !== "" && (
                <>
                  {" · "}
                  <bdi>{note}</bdi>
                </>
              )}
            </small>
          </li>
        ))}
      </ul>
    </section>
  );
}
