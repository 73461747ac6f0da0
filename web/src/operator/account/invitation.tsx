// An invitation: a name and a code become a person with a password.

import { useState } from "preact/hooks";
import { call, carry } from "../call";
import type { Session } from "../session";
import { Field, Form, Secret, useTry, type Voiced } from "./parts";
import { SecondFactor } from "./second";

/** Whom an invitation's link names: `#invitation=officer-1/abcd-efgh`. */
export interface Invited {
  readonly name: string;
  readonly code: string;
}

export function invitedBy(hash: string): Invited | null {
  const found = /^#invitation=(.+)\/([^/]+)$/.exec(hash);
  try {
    return found === null ? null : { name: decodeURIComponent(found[1] ?? ""), code: decodeURIComponent(found[2] ?? "") };
  } catch {
    return null;
  }
}

interface Props extends Voiced {
  readonly invited: Invited | null;
  readonly passkeys: boolean;
  onSignedIn(session: Session): void;
  onBack(): void;
}

export function Invitation({ invited, passkeys, onSignedIn, onBack, ...voiced }: Props) {
  const { say } = voiced;
  const tried = useTry(voiced);
  const [taken, setTaken] = useState<{ session: Session; password: string } | null>(null);
  const take = (given: (name: string) => string) =>
    void tried.run(async () => {
      const body = { name: given("name").trim(), code: given("code"), password: given("password") };
      const session = await call<Session>("POST", "/v1/session/invitation", body);
      carry(session.csrf);
      setTaken({ session, password: body.password });
    }, "invitation_wrong");
  if (taken !== null)
    return <SecondFactor {...voiced} {...taken} passkeys={passkeys} onDone={onSignedIn} onLater={() => onSignedIn(taken.session)} />;
  return (
    <main class="sign-in">
      <h1>{say("invitation")}</h1>
      <p>{say("invitation_text")}</p>
      <Form {...voiced} tried={tried} label={say("go_on")} send={take}>
        <Field name="name" label={say("name")} defaultValue={invited?.name ?? ""} autocomplete="username" required autofocus={invited === null} />
        <Field name="code" label={say("invitation_code")} defaultValue={invited?.code ?? ""} autocomplete="off" dir="ltr" required />
        <Secret say={say} name="password" label={say("new_password")} help={say("password_help")} autocomplete="new-password" autofocus={invited !== null} />
      </Form>
      <button type="button" class="plain" onClick={onBack}>
        {say("back")}
      </button>
    </main>
  );
}
