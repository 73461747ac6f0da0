// Three taps: what it is, where it is, which way it goes.

import { useEffect, useMemo, useState } from "preact/hooks";
import { useLanguage, useOwn } from "../shared/i18n/hooks";
import { SPOTTER } from "../shared/i18n/spotter";
import { readOutlines, type Zones } from "../shared/model/outlines";
import { SpokenContext } from "./context";
import { useLook } from "./look";
import { usePosition } from "./model/position";
import { usePost } from "./model/post";
import type { Body, Kind } from "./model/report";
import { wipe } from "./model/wipe";
import { Newest, Top } from "./view/bar";
import { Joining } from "./view/joining";
import { Pointing } from "./view/pointing";
import { Reports } from "./view/reports";
import { Settings } from "./view/settings";
import { Way } from "./view/way";
import { What } from "./view/what";
import { Where } from "./view/where";

type Step =
  | { readonly at: "what" | "reports" | "settings" }
  | { readonly at: "where" | "place"; readonly what: Kind | null }
  | { readonly at: "way"; readonly body: Body };
const FIRST: Step = { at: "what" };
// The newest report is shown on the first screen this long.
const NEWEST_MS = 15 * 60_000;

function useZones(): Zones {
  const [zones, setZones] = useState<Zones>(new Map());
  useEffect(() => {
    fetch("/v1/outlines")
      .then(async (answer) => answer.ok && setZones(readOutlines(await answer.json(), Date.now())))
      .catch((error) => console.warn("tocsin: the outlines could not be read", error));
  }, []);
  return zones;
}

/** What everybody sees who opens an address that is none. */
function Blank() {
  useEffect(() => {
    document.title = "404";
    document.documentElement.lang = "en";
    document.documentElement.dir = "ltr";
    document.documentElement.dataset.theme = "light";
    history.replaceState(null, "", "/404");
  }, []);
  return (
    <main class="blank">
      <h1>404</h1>
      <p>Not Found</p>
    </main>
  );
}

export function App({ code }: { code: string }) {
  const [words, choose] = useLanguage();
  const say = useOwn(SPOTTER, words.language);
  const [look, setLook] = useLook();
  const post = usePost();
  const zones = useZones();
  const position = usePosition(zones);
  const [step, go] = useState<Step>(FIRST);
  const [erased, setErased] = useState(false);
  const spoken = useMemo(() => ({ words, say }), [words, say]);
  useEffect(() => {
    document.querySelector<HTMLElement>("h1")?.focus();
    scrollTo(0, 0);
  }, [step]);
  if (erased) return <Blank />;
  const erase = () => {
    setErased(true);
    void wipe();
  };
  const sent = (body: Body) => {
    go(FIRST);
    void post.report(body).catch((error) => console.warn("tocsin: the report could not be kept", error));
  };
  const newest = post.reports[0];
  return (
    <SpokenContext.Provider value={spoken}>
      {post.joined === "no" && <Joining post={post} code={code} />}
      {post.joined === "yes" && (
        <>
          <Top post={post} show={(at) => go({ at })} erase={erase} />
          {step.at === "what" && <What choose={(what) => go({ at: "where", what })} />}
          {step.at === "where" && (
            <Where
              zones={zones}
              position={position}
              place={() => go({ at: "place", what: step.what })}
              back={() => go(FIRST)}
              choose={(where, sense) => {
                const body: Body = { ...where, what: step.what ?? "unknown", sense, heading_deg: null };
                if (body.what === "explosion") sent(body);
                else go({ at: "way", body });
              }}
            />
          )}
          {step.at === "place" && (
            <main class="step where">
              <h1>{say("my_place")}</h1>
              <Pointing
                zones={zones}
                own={position.place}
                help={say("map_help_place")}
                take={say("place_here")}
                done={(place) => {
                  position.choose(place);
                  go(step.what === null ? { at: "settings" } : { at: "where", what: step.what });
                }}
              />
            </main>
          )}
          {step.at === "way" && (
            <Way
              choose={(heading_deg) => sent({ ...step.body, heading_deg })}
              back={() => go({ at: "where", what: step.body.what })}
            />
          )}
          {step.at === "reports" && <Reports reports={post.reports} back={() => go(FIRST)} />}
          {step.at === "settings" && (
            <Settings
              look={look}
              setLook={setLook}
              choose={choose}
              position={position}
              place={() => go({ at: "place", what: null })}
              back={() => go(FIRST)}
            />
          )}
          {step.at === "what" && newest !== undefined && Date.now() - newest.capturedMs < NEWEST_MS && (
            <Newest key={newest.id} report={newest} takeBack={(id) => void post.takeBack(id)} />
          )}
        </>
      )}
    </SpokenContext.Provider>
  );
}
