// One decision about the ledger: a button, then what it does and why, and only then the deed.

import { useEffect, useRef, useState } from "preact/hooks";
import type { Say } from "../../shared/i18n";
import type { LedgerKey } from "../../shared/i18n/ledger";
import { call, Refused } from "../call";
import { useDesk } from "../desk";
import { BELOW } from "../model/ledger";

interface Props {
  readonly label: string;
  /** What will have been done. */
  readonly text: string;
  readonly body: Readonly<Record<string, string>>;
  readonly own: Say<LedgerKey>;
  done(): void;
}

export function Deed({ label, text, body, own, done }: Props) {
  const { voice, past, tell } = useDesk();
  const [open, setOpen] = useState(false);
  const [reason, setReason] = useState("");
  const [fault, setFault] = useState("");
  const [busy, setBusy] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (open) field.current?.focus();
  }, [open]);
  const close = () => {
    setOpen(false);
    setFault("");
    setTimeout(() => button.current?.focus());
  };
  const decide = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setFault("");
    try {
      await call("POST", `${BELOW}/decisions`, { ...body, reason });
      tell(own("done"));
      setOpen(false);
      done();
    } catch (error) {
      setFault(error instanceof Refused ? voice.say("refused", { why: error.detail }) : voice.say("not_sent"));
    } finally {
      setBusy(false);
    }
  };
  if (!open)
    return (
      <button ref={button} type="button" disabled={past !== null} onClick={() => setOpen(true)}>
        {label}
      </button>
    );
  return (
    <form
      class="deed"
      onSubmit={decide}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.preventDefault();
        close();
      }}
    >
      <strong>{label}</strong>
      <span>{text}</span>
      <label>
        {own("reason")}
        <input ref={field} type="text" dir="auto" maxLength={1_000} value={reason} onInput={({ currentTarget: { value } }) => setReason(value)} />
      </label>
      <span class="buttons">
        <button type="submit" class="main" disabled={busy}>
          {own("do_it")}
        </button>
        <button type="button" onClick={close}>
          {own("leave_it")}
        </button>
      </span>
      <span role="alert" class="fault">
        {fault}
      </span>
    </form>
  );
}
