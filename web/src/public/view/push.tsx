// The switch for pushes to this device, where the service and the browser have them.

import { useEffect, useState } from "preact/hooks";
import { useWords } from "../context";
import { type Asked, offered, subscribe, subscribed, test, unsubscribe, type Wish } from "../../shared/model/push";

// What the service keeps for one device.
const ZONES_MAX = 50;

export function PushSwitch({ zones }: { zones: readonly string[] }) {
  const words = useWords();
  const [key, setKey] = useState<string | null>(null);
  const [on, setOn] = useState(false);
  const [busy, setBusy] = useState(false);
  const [tested, setTested] = useState(false);
  const [trouble, setTrouble] = useState<Exclude<Asked, "on"> | null>(null);
  const wish: Wish = { zones: zones.slice(0, ZONES_MAX), level: "take_cover", language: words.language };
  const asked = JSON.stringify(wish);

  useEffect(() => {
    offered()
      .then(async (found) => {
        setKey(found);
        if (found !== null) setOn(await subscribed());
      })
      .catch(() => setKey(null));
  }, []);
  // Another place, or another language: what is pushed follows.
  useEffect(() => {
    if (on && key !== null) change(() => subscribe(key, wish));
  }, [asked, on, key]);

  const change = (act: () => Promise<Asked | "off">) => {
    setBusy(true);
    setTrouble(null);
    act()
      .catch((error): Asked => {
        console.warn("tocsin: no pushes", error);
        return "failed";
      })
      .then((came) => {
        setBusy(false);
        if (came === "on" || came === "off") setOn(came === "on");
        else setTrouble(came);
      });
  };
  if (key === null) return null;
  const tried = () => {
    setBusy(true);
    test()
      .catch(() => false)
      .then((sent) => {
        setBusy(false);
        setTested(sent);
        if (!sent) setTrouble("failed");
      });
  };
  const toggle = () => change(on ? async () => (await unsubscribe(), "off") : () => subscribe(key, wish));
  return (
    <>
      <button type="button" class="alarm push" aria-pressed={on} disabled={busy} onClick={toggle}>
        {words.say(on ? "push_off" : "push_on")}
      </button>
      {on && (
        <button type="button" class="alarm test" disabled={busy} onClick={tried}>
          {words.say("push_test")}
        </button>
      )}
      {on && zones.length > ZONES_MAX && (
        <p class="problem">
          {words.say("push_part", { count: words.number(ZONES_MAX), all: words.number(zones.length) })}
        </p>
      )}
      <p role="status">{tested && words.say("push_tested")}</p>
      <p class="problem" role="alert">
        {trouble !== null && words.say(`push_${trouble}`)}
      </p>
    </>
  );
}
