// One decision about the ledger, and why.

import { useState } from "preact/hooks";
import type { Say } from "../../shared/i18n";
import type { LedgerKey } from "../../shared/i18n/ledger";
import { LedgerForm } from "./ledger_form";

interface Props {
  readonly label: string;
  /** What will have been done. */
  readonly text: string;
  readonly body: Readonly<Record<string, string>>;
  readonly own: Say<LedgerKey>;
  done(): void;
}

export function Deed({ label, text, body, own, done }: Props) {
  const [reason, setReason] = useState("");
  return (
    <LedgerForm label={label} text={text} to="decisions" own={own} bodyOf={() => ({ ...body, reason })} done={done}>
      <label>
        {own("reason")}
        <input type="text" dir="auto" maxLength={1_000} value={reason} onInput={({ currentTarget: { value } }) => setReason(value)} />
      </label>
    </LedgerForm>
  );
}
