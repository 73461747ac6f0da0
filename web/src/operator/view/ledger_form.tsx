// What is done to the ledger: a button, then what it does and asks for, and only then the deed.

import type { ComponentChildren } from "preact";
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
  /** Where it is sent, below the ledger. */
  readonly to: string;
  readonly own: Say<LedgerKey>;
  /** The fields; the first has the focus when they appear. */
  readonly children: ComponentChildren;
  bodyOf(form: HTMLFormElement): object;
  done(): void;
}

export function LedgerForm({ label, text, to, own, children, bodyOf, done }: Props) {
  const { voice, past, tell } = useDesk();
  const [open, setOpen] = useState(false);
  const [fault, setFault] = useState("");
  const [busy, setBusy] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (open) form.current?.querySelector("input")?.focus();
  }, [open]);
  const close = () => {
    setOpen(false);
    setFault("");
    setTimeout(() => button.current?.focus());
  };
  const send = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setFault("");
    try {
      await call("POST", `${BELOW}/${to}`, bodyOf(event.currentTarget as HTMLFormElement));
      tell(own("done"));
      close();
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
      ref={form}
      class="deed"
      onSubmit={send}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.preventDefault();
        close();
      }}
    >
      <strong>{label}</strong>
      <span>{text}</span>
      {children}
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
