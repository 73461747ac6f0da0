// The duty officer's page: whoever is signed in sees the console, everybody else the way in.

import { useMemo } from "preact/hooks";
import { CONSOLE } from "../shared/i18n/console";
import { useLanguage, useOwn } from "../shared/i18n/hooks";
import { useSession } from "./session";
import { Shell } from "./shell";
import { SignIn } from "./signin";
import { voiceOf } from "./voice";

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
      return <SignIn words={words} ended={standing.ended} onSignedIn={signedIn} />;
    default: {
      const { session } = standing;
      if (!session.may.includes("picture")) return <p class="shell">{say("no_picture_role")}</p>;
      return <Shell session={session} voice={voice} choose={choose} signOut={() => void signOut().catch(() => undefined)} />;
    }
  }
}
