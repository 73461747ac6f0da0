// An officer says that something was struck: what, where, when. Warnings and tracks are added by the service.

import type { Say } from "../../shared/i18n";
import type { LedgerKey } from "../../shared/i18n/ledger";
import { LedgerForm } from "./ledger_form";

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
  const now = new Date().toISOString().slice(0, 16);
  return (
    <div class="buttons">
      <LedgerForm label={own("open_incident")} text={own("open_text")} to="incidents" own={own} bodyOf={bodyOf} done={done}>
        <label>
          {own("struck")}
          <input name="struck" type="text" dir="auto" maxLength={300} required />
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
      </LedgerForm>
    </div>
  );
}
