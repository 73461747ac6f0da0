// People: who signs in, with which roles; to add, to change, to invite again, to remove.

import { useCallback, useEffect, useState } from "preact/hooks";
import { NotShown, ProofDialog, useProof } from "../account/proof";
import { call, Refused } from "../call";
import { useDesk } from "../desk";
import { Table } from "./set";

const ROLES = ["operator", "approver", "admin", "integrator", "auditor", "planner", "spotter"] as const;
type Role = (typeof ROLES)[number];

interface Person {
  readonly id: string;
  readonly name: string;
  readonly roles: readonly Role[];
  readonly gone_at: string | null;
  readonly second_factor: boolean;
  /** Until when an invitation can be taken up; null: there is none. */
  readonly invited_until: string | null;
  readonly sessions: number;
}

/** What comes back, once, of somebody who was added or invited anew: the code with which he makes himself a password. */
interface Made {
  readonly code?: string;
}

export function People() {
  const { voice, session } = useDesk();
  const { say } = voice;
  const [people, setPeople] = useState<readonly Person[] | null>(null);
  const [fault, setFault] = useState("");
  const [made, setMade] = useState<{ id: string; code: string } | null>(null);
  const [removing, setRemoving] = useState<string | null>(null);
  const { proven, waiting } = useProof();
  const failed = useCallback((error: unknown) => setFault(error instanceof Refused ? say("refused", { why: error.detail }) : say("not_sent")), [say]);
  const ask = useCallback(() => {
    call<{ people: readonly Person[] }>("GET", "/v1/people").then((found) => setPeople(found.people), failed);
  }, [failed]);
  useEffect(ask, [ask]);
  const change = async (method: string, path: string, body?: unknown): Promise<Made | null> => {
    setFault("");
    try {
      return (await proven(() => call<Made | null>(method, path, body))) ?? {};
    } catch (error) {
      if (!(error instanceof NotShown)) failed(error);
      return null;
    } finally {
      ask();
    }
  };
  const invited = (id: string, found: Made | null) => {
    if (found?.code !== undefined) setMade({ id, code: found.code });
  };
  const path = (id: string) => `/v1/people/${encodeURIComponent(id)}`;
  const rows = people
    ?.filter(({ gone_at }) => gone_at === null)
    .map((person) => [
      person.id,
      person.name,
      person.invited_until !== null ? say("invited_until", { time: voice.full(person.invited_until) }) : say(person.second_factor ? "with_second" : "without_second"),
      <Roles person={person} save={(roles) => void change("PATCH", path(person.id), { roles })} />,
      person.id === session.id ? (
        say("yourself")
      ) : (
        <span class="buttons">
          <button type="button" onClick={async () => invited(person.id, await change("POST", `${path(person.id)}/invitation`))}>
            {say("invite_again")}
          </button>
          <button
            type="button"
            class={removing === person.id ? "danger" : ""}
            onClick={() => {
              if (removing === person.id) void change("DELETE", path(person.id));
              setRemoving(removing === person.id ? null : person.id);
            }}
          >
            {say(removing === person.id ? "remove_sure" : "remove", { who: person.name || person.id })}
          </button>
        </span>
      ),
    ]);
  return (
    <>
      <p role="alert" class="fault">
        {fault}
      </p>
      {waiting !== null && <ProofDialog done={waiting} />}
      {made !== null && (
        <p role="status" class="made">
          {say("invitation", { who: made.id })} <code dir="ltr">{made.code}</code>
        </p>
      )}
      {people === null ? <p class="empty">…</p> : <Table head={[say("sign_in_name"), say("called"), say("way_in"), say("roles"), say("change")]} rows={rows ?? []} />}
      <Add
        add={async (person) => {
          const found = await change("POST", "/v1/people", person);
          invited(person.id, found);
          return found !== null;
        }}
      />
    </>
  );
}

function Roles({ person, save }: { person: Person; save: (roles: readonly Role[]) => void }) {
  const { voice, session } = useDesk();
  return (
    <fieldset class="roles">
      <legend class="hidden">{`${voice.say("roles")}: ${person.id}`}</legend>
      {ROLES.map((role) => {
        const held = person.roles.includes(role);
        const roles = held ? person.roles.filter((one) => one !== role) : [...person.roles, role];
        // The last role stays: who has none is removed instead. And nobody locks himself out.
        const fixed = roles.length === 0 || (person.id === session.id && role === "admin");
        return (
          <label key={role} class="inline">
            <input type="checkbox" checked={held} disabled={fixed} onChange={() => save(roles)} />
            {voice.say(`role_${role}`)}
          </label>
        );
      })}
    </fieldset>
  );
}

function Add({ add }: { add: (person: { id: string; name: string; roles: readonly string[] }) => Promise<boolean> }) {
  const { voice } = useDesk();
  const { say } = voice;
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const given = new FormData(form);
    const person = { id: String(given.get("id")), name: String(given.get("name")), roles: given.getAll("roles").map(String) };
    if (await add(person)) form.reset();
  };
  return (
    <form onSubmit={submit} class="add">
      <h3>{say("add_person")}</h3>
      <label>
        {say("sign_in_name")}
        <input name="id" required maxLength={64} autocomplete="off" autocapitalize="none" spellcheck={false} />
      </label>
      <label>
        {say("called")}
        <input name="name" maxLength={100} autocomplete="off" dir="auto" />
      </label>
      <fieldset class="roles">
        <legend>{say("roles")}</legend>
        {ROLES.map((role) => (
          <label key={role} class="inline">
            <input type="checkbox" name="roles" value={role} defaultChecked={role === "operator"} />
            {say(`role_${role}`)}
          </label>
        ))}
      </fieldset>
      <button type="submit" class="main">
        {say("add_person")}
      </button>
    </form>
  );
}
