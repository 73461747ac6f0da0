// Above and below every step: the line, the way to what is kept, everything gone; and what became of the last report.

import { useEffect, useState } from "preact/hooks";
import { useSpoken } from "../context";
import type { Post } from "../model/post";
import type { Report } from "../model/report";
import { Hold } from "./hold";
import { Row } from "./reports";

interface Props {
  readonly post: Post;
  readonly show: (what: "reports" | "settings") => void;
  readonly erase: () => void;
}

export function Top({ post, show, erase }: Props) {
  const { words, say } = useSpoken();
  const waiting = post.reports.filter(({ state }) => state === "waiting").length;
  const down = post.line.kind === "down";
  const said = waiting > 0 ? say("waiting", { count: words.number(waiting) }) : say(down ? "no_line" : "all_sent");
  return (
    <header>
      {post.line.drill && (
        <p class="drill">
          <strong>{words.say("drill")}</strong> {words.say("drill_text")}
        </p>
      )}
      <div class="bar">
        <button type="button" class={`line is-${post.line.kind}`} onClick={() => show("reports")}>
          <i class={waiting > 0 ? "dot waits" : down ? "dot down" : "dot"} />
          <span role="status">{said}</span>
        </button>
        <button type="button" class="icon" aria-label={say("settings")} title={say("settings")} onClick={() => show("settings")}>
          <svg viewBox="0 0 24 24" aria-hidden="true">
            <path d="M4 7h9m5 0h2M4 17h2m5 0h9M15.500 4.500a2.500 2.500 0 1 0 0 5 2.500 2.500 0 0 0 0-5zM8.500 14.500a2.500 2.500 0 1 0 0 5 2.500 2.500 0 0 0 0-5z" />
          </svg>
        </button>
        <Hold act={erase} label={`${say("erase")}. ${say("erase_hold")}`}>
          {say("erase")}
        </Hold>
      </div>
      {post.line.kind === "revoked" && (
        <p class="problem" role="alert">
          {say("revoked")}
        </p>
      )}
    </header>
  );
}

/** The newest report: it can be taken back before it is sent. */
export function Newest({ report, takeBack }: { report: Report; takeBack: (id: string) => void }) {
  const { say } = useSpoken();
  const [, redraw] = useState(0);
  const leftMs = report.heldMs - Date.now();
  useEffect(() => {
    if (leftMs <= 0) return;
    const timer = setTimeout(() => redraw((n) => n + 1), leftMs);
    return () => clearTimeout(timer);
  });
  return (
    <aside class="newest" aria-live="polite">
      <Row report={report} />
      {report.state === "waiting" && leftMs > 0 && (
        <button type="button" onClick={() => takeBack(report.id)}>
          {say("undo")}
        </button>
      )}
    </aside>
  );
}
