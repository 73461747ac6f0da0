// An officer says that something was struck: what, where, when. Warnings and tracks are added by the service.

import { useEffect, useRef, useState } from "preact/hooks";
import type { Say } from "../../shared/i18n";
import type { LedgerKey } from "../../shared/i18n/ledger";
import { call, Refused } from "../call";
import { useDesk } from "../desk";
import { BELOW } from "../model/ledger";

interface Props {
  readonly own: Say<LedgerKey>;
  done(): void;
}

/** The fields of the form; the bounds are the service's. */
const NUMBERS = [
  ["lat", -90, 90, ""],
  ["lon", -180, 180, ""],
  ["sigma", 1, 1_000_000, "500"],
] as const;

function bodyOf(form: HTMLFormElement): Record<string, string | number> {
  const data = new FormData(form);
  const text = (name: string) => String(data.get(name) ?? "").trim();
  const body: Record<string, string | number> = {
    struck: text("struck"), place: text("place"), lat: Number(text("lat")), lon: Number(text("lon")), sigma_m: Number(text("sigma")),
    begin: `${text("earliest")}:00Z`,
  };
  if (text("latest") !== "") body["end"] = `${text("latest")}:00Z`;
  return body;
}

export function NewIncident({ own, done }: Props) {
  const { voice, past, tell } = useDesk();
  const [open, setOpen] = useState(false);
  const [fault, setFault] = useState("");
  const [busy, setBusy] = useState(false);
  const first = useRef<HTMLInputElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (open) first.current?.focus();
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
      await call("POST", `${BELOW}/incidents`, bodyOf(event.currentTarget as HTMLFormElement));
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
      <p class="buttons">
        <button ref={button} type="button" disabled={past !== null} onClick={() => setOpen(true)}>
          {own("open_incident")}
        </button>
      </p>
    );
  const now = new Date().toISOString().slice(0, 16);
  return (
    <form
      class="deed"
      onSubmit={send}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.preventDefault();
        close();
      }}
    >
      <strong>{own("open_incident")}</strong>
      <span>{own("open_text")}</span>
      <label>
        {own("struck")}
        <input ref={first} name="struck" type="text" dir="auto" maxLength={300} required />
      </label>
      <label>
        {own("place")}
        <input name="place" type="text" dir="auto" maxLength={300} />
      </label>
      {NUMBERS.map(([name, least, most, value]) => (
        <label key={name}>
          {own(name)}
          <input name={name} type="number" step="any" min={least} max={most} defaultValue={value} required dir="ltr" />
        </label>
      ))}
      <label>
        {own("earliest")}
        <input name="earliest" type="datetime-local" max={now} required dir="ltr" />
      </label>
      <label>
        {own("latest")}
        <input name="latest" type="datetime-local" dir="ltr" />
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
