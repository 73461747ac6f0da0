// The record: what everybody did, newest first, in a chain of which nothing can be taken out unseen.

import { useState } from "preact/hooks";
import { useOwn } from "../../shared/i18n/hooks";
import { SIGN_IN, type SignInKey } from "../../shared/i18n/signin";
import { useDesk } from "../desk";
import type { AuditEntry, AuditPage } from "../model/asked";
import { Pager, usePages } from "../view/pager";
import { Table } from "./set";

const KINDS = ["session", "people", "act", "site", "ledger", "spotter", "password", "second_factor", "passkey", "ban", "refused"] as const;
const PAGE = 100;

export function Audit() {
  const { voice } = useDesk();
  const { say, words } = voice;
  const [who, setWho] = useState("");
  const [kind, setKind] = useState("");
  const pages = usePages<"before", AuditPage>(`/v1/audit?${new URLSearchParams({ limit: String(PAGE), who, kind })}`, "before");
  const page = pages.found === "failed" ? null : pages.found;
  const entries = page?.entries ?? [];
  return (
    <div class="record">
      <p class="soft">{say("audit_text")}</p>
      <p class="filters">
        <label class="inline">
          {say("audit_who")}
          <input type="search" value={who} maxLength={200} autocapitalize="none" spellcheck={false} onChange={({ currentTarget: { value } }) => setWho(value.trim())} />
        </label>
        <label class="inline">
          {say("only")}
          <select value={kind} onChange={({ currentTarget: { value } }) => setKind(value)}>
            <option value="">{say("everything")}</option>
            {KINDS.map((one) => (
              <option key={one} value={one}>
                {say(`audit_${one}`)}
              </option>
            ))}
          </select>
        </label>
      </p>
      <Pager pages={pages} times={entries.map(({ time }) => time)} />
      {pages.found === "failed" && <p role="alert">{say("failed")}</p>}
      {page !== null && (entries.length === 0 ? <p class="empty">{say("audit_empty")}</p> : <Entries entries={entries} find={setWho} />)}
      {page !== null && (
        <p class="soft">
          {say("audit_head", { count: words.number(page.head) })} <code dir="ltr">{`${page.head}:${page.head_sha256}`}</code>
        </p>
      )}
    </div>
  );
}

function Entries({ entries, find }: { entries: readonly AuditEntry[]; find: (who: string) => void }) {
  const { voice } = useDesk();
  const { say, words } = voice;
  const own = useOwn(SIGN_IN, words.language);
  // Words of the service that this page may not know yet are shown as they come.
  const said = (prefix: "by" | "where", word: string) => (word === "" ? [] : [`${prefix}_${word}` in SIGN_IN.english ? own(`${prefix}_${word}` as SignInKey) : word]);
  const head = ["№", say("audit_when"), say("audit_who"), say("audit_what"), say("audit_about"), say("audit_from"), say("audit_detail")];
  const rows = entries.map((entry) => [
    String(entry.seq),
    <time dateTime={entry.time}>{voice.full(entry.time)}</time>,
    entry.who === "" ? (
      "–"
    ) : (
      <button type="button" class="plain" onClick={() => find(entry.who)}>
        <bdi>{entry.who}</bdi>
      </button>
    ),
    <code dir="ltr">{entry.what}</code>,
    <bdi>{entry.about}</bdi>,
    [...said("where", entry.where), ...said("by", entry.by)].join(" · "),
    <span dir="auto" class="text">
      {entry.times > 1 ? `${say("audit_times", { count: words.number(entry.times) })} ${entry.detail}` : entry.detail}
    </span>,
  ]);
  return <Table head={head} rows={rows} />;
}
