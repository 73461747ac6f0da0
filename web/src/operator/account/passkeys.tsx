// One's own passkeys.

import { useCallback, useEffect, useState } from "preact/hooks";
import { call } from "../call";
import type { Session } from "../session";
import { Fault, useTry, type Voiced } from "./parts";
import { hasPasskeys, type OwnPasskey, ownPasskeys } from "./passkey";
import { NewPasskey } from "./second";
import { moment } from "./times";

export function Passkeys({ passkeys, onChanged, ...voiced }: Voiced & { passkeys: boolean; onChanged: (session: Session) => void }) {
  const { say, words } = voiced;
  const [all, setAll] = useState<readonly OwnPasskey[] | null>(null);
  const [removing, setRemoving] = useState<string | null>(null);
  const [adding, setAdding] = useState(false);
  const tried = useTry(voiced);
  const ask = useCallback(() => void ownPasskeys().then(setAll, () => undefined), []);
  useEffect(ask, [ask]);
  const remove = (id: string) =>
    void tried.run(async () => {
      await call("DELETE", `/v1/passkeys/${encodeURIComponent(id)}`);
      setRemoving(null);
      ask();
    });
  const added = (session: Session) => {
    onChanged(session);
    setAdding(false);
    ask();
  };
  return (
    <section>
      <h2>{say("passkeys")}</h2>
      {all?.length === 0 && <p class="soft">{say("no_passkeys")}</p>}
      <ul class="own-list">
        {all?.map((one) => (
          <li key={one.id}>
            <p>
              <bdi>{one.name || say("passkeys")}</bdi>
              <small class="soft">
                {say("made", { time: moment(one.made_at, words) })}, {one.used_at === null ? say("never_used") : say("used", { time: moment(one.used_at, words) })}
                {one.synced && `, ${say("synced")}`}
              </small>
            </p>
            <button type="button" class={removing === one.id ? "danger" : ""} onClick={() => (removing === one.id ? remove(one.id) : setRemoving(one.id))}>
              {say(removing === one.id ? "really_remove" : "remove")}
            </button>
          </li>
        ))}
      </ul>
      <Fault tried={tried} />
      {adding && <NewPasskey {...voiced} password="" onDone={added} onBack={() => setAdding(false)} />}
      {!adding && passkeys && hasPasskeys() && (
        <button type="button" onClick={() => setAdding(true)}>
          {say("add_passkey")}
        </button>
      )}
      {!(passkeys && hasPasskeys()) && <p class="soft">{say("passkeys_elsewhere")}</p>}
    </section>
  );
}
