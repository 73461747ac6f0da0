// A button that acts when it was held for two seconds, by a finger or a key: not by a slip.

import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

export const HOLD_MS = 2_000;

interface Props {
  readonly act: () => void;
  readonly label: string;
  readonly children: ComponentChildren;
}

export function Hold({ act, label, children }: Props) {
  const [held, setHeld] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const begin = () => {
    if (timer.current !== undefined) return;
    setHeld(true);
    timer.current = setTimeout(act, HOLD_MS);
  };
  const end = () => {
    clearTimeout(timer.current);
    timer.current = undefined;
    setHeld(false);
  };
  useEffect(() => end, []);
  return (
    <button
      type="button"
      class={held ? "hold held" : "hold"}
      aria-label={label}
      title={label}
      onPointerDown={begin}
      onPointerUp={end}
      onPointerLeave={end}
      onPointerCancel={end}
      onContextMenu={(event) => event.preventDefault()}
      onKeyDown={(event) => (event.key === " " || event.key === "Enter") && begin()}
      onKeyUp={end}
      onBlur={end}
    >
      {children}
    </button>
  );
}
