// Joining, once, by an invitation: the code behind the # of its link, or pasted.

import { useState } from "preact/hooks";
import type { SpotterKey } from "../../shared/i18n/spotter";
import { useSpoken } from "../context";
import type { Join, Post } from "../model/post";

/** The code in a link, or what was pasted as one. */
export function codeIn(text: string): string {
  return text.trim().replace(/^.*#/, "");
}

const WHY: Readonly<Record<Exclude<Join, "joined">, SpotterKey>> = {
  used: "join_used",
  no_line: "join_no_line",
  not_here: "join_not_here",
  wait: "join_wait",
};

export function Joining({ post, code }: { post: Post; code: string }) {
  const { say } = useSpoken();
  const [given, setGiven] = useState(code);
  const [busy, setBusy] = useState(false);
  const [why, setWhy] = useState<SpotterKey | null>(null);
  const join = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setWhy(null);
    const came = await post.join(codeIn(given)).catch((): Join => "no_line");
    setBusy(false);
    if (came !== "joined") setWhy(WHY[came]);
  };
  return (
    <main class="step joining">
      <h1>{say("join_ask")}</h1>
      <p>{say(code === "" ? "join_none" : "join_text")}</p>
      <form onSubmit={join}>
        {code === "" && (
          <label>
            <span>{say("join_code")}</span>
            <input value={given} autocomplete="off" spellcheck={false} onInput={({ currentTarget }) => setGiven(currentTarget.value)} />
          </label>
        )}
        <button type="submit" class="main" disabled={busy || codeIn(given) === ""}>
          {say("join")}
        </button>
      </form>
      <p class="problem" role="alert">
        {why !== null && say(why)}
      </p>
    </main>
  );
}
