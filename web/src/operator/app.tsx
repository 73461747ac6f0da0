// The duty officer's page: whoever is signed in sees the console, everybody else the way in.

import { useMemo, useState } from "preact/hooks";
import { AccountDialog, Account } from "./account";
import { SecondFactor } from "./account/second";
import type { Language, Words } from "../shared/i18n";
import { CONSOLE } from "../shared/i18n/console";
import { useLanguage, useOwn } from "../shared/i18n/hooks";
import { SIGN_IN } from "../shared/i18n/signin";
import { type Session, useSession } from "./session";
import { Shell } from "./shell";
import { SignIn } from "./signin";
import { useWays } from "./ways";
import { type Voice, voiceOf } from "./voice";

export function App() {
  const [words, choose] = useLanguage();
  const say = useOwn(CONSOLE, words.language);
  const voice = useMemo(() => voiceOf(words, say), [words, say]);
  const { standing, signedIn, signOut } = useSession();
  switch (standing.kind) {
    case "asking":
      return <p class="shell">{say("connecting")}</p>;
    case "unreachable":
      return (
        <p class="shell" role="alert">
          {say("unreachable")}
        </p>
      );
    case "out":
      return <SignIn words={words} ended={standing.ended} choose={choose} onSignedIn={signedIn} />;
    default:
      return <Inside {...{ words, voice, choose, signedIn }} session={standing.session} signOut={() => void signOut().catch(() => undefined)} />;
  }
}

interface InsideProps {
  readonly words: Words;
  readonly voice: Voice;
  readonly session: Session;
  choose(language: Language): void;
  signedIn(session: Session): void;
  signOut(): void;
}

/** Somebody is signed in: to the console, or to his own account where his roles show no picture. */
function Inside({ words, voice, session, choose, signedIn, signOut }: InsideProps) {
  const ways = useWays();
  const own = useOwn(SIGN_IN, words.language);
  const [later, setLater] = useState(false);
  const [account, setAccount] = useState(false);
  const mine = { words, session, onChanged: signedIn, signOut };
  if (session.needs === "second_factor" && !later)
    return <SecondFactor {...mine} say={own} passkeys={ways.passkeys} password="" onDone={signedIn} onLater={() => setLater(true)} />;
  if (!session.may.includes("picture"))
    return (
      <main class="scrolled">
        <p class="shell">{voice.say("no_picture_role")}</p>
        <Account {...mine} />
      </main>
    );
  return (
    <>
      <Shell session={session} voice={voice} choose={choose} signOut={signOut} openAccount={() => setAccount(true)} />
      {account && <AccountDialog {...mine} close={() => setAccount(false)} />}
    </>
  );
}
