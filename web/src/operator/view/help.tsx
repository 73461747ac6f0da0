// The keys, and the switch that turns them off.

import { useEffect, useRef, useState } from "preact/hooks";
import { useDesk } from "../desk";
import { KEYS, keysOn, switchKeys } from "../model/keys";

export function Help({ close }: { close: () => void }) {
  const { voice } = useDesk();
  const { say } = voice;
  const dialog = useRef<HTMLDialogElement>(null);
  const [on, setOn] = useState(keysOn);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} class="help" aria-labelledby="help-title" onClose={close}>
      <h2 id="help-title">{say("help_title")}</h2>
      <dl class="keys">
        {KEYS.map(([key, , text]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{say(text)}</dd>
          </div>
        ))}
        <div>
          <dt>
            <kbd>Esc</kbd>
          </dt>
          <dd>{say("key_close")}</dd>
        </div>
      </dl>
      <p>{say("draw_how")}</p>
      <p class="buttons">
        <label class="inline">
          <input
            type="checkbox"
            checked={on}
            onChange={({ currentTarget: { checked } }) => {
              switchKeys(checked);
              setOn(checked);
            }}
          />
          {say("keys_on")}
        </label>
        <button type="button" class="main" autofocus onClick={() => dialog.current?.close()}>
          {say("close_this")}
        </button>
      </p>
    </dialog>
  );
}
