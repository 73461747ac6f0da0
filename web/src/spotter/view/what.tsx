// The first tap: what it is.

import { useSpoken } from "../context";
import { KINDS, type Kind } from "../model/report";
import { Silhouette } from "./silhouettes";

export function What({ choose }: { choose: (kind: Kind) => void }) {
  const { say } = useSpoken();
  return (
    <main class="step what">
      <h1>{say("what_ask")}</h1>
      <ul class="kinds">
        {KINDS.map((kind) => (
          <li key={kind}>
            <button type="button" onClick={() => choose(kind)}>
              <Silhouette kind={kind} />
              <span>{say(`what_${kind}`)}</span>
            </button>
          </li>
        ))}
      </ul>
    </main>
  );
}
