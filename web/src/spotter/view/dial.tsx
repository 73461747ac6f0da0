// A compass: turned by the phone, by a finger, or by the arrow keys.

import { useRef } from "preact/hooks";
import { useSpoken } from "../context";
import { wayOf } from "./way";

interface Props {
  readonly bearingDeg: number;
  readonly turn: (bearingDeg: number) => void;
}

const STEP_DEG = 5;

export function Dial({ bearingDeg, turn }: Props) {
  const { words, say } = useSpoken();
  const frame = useRef<HTMLDivElement>(null);
  const point = ({ clientX, clientY, buttons, type }: PointerEvent) => {
    if (type === "pointermove" && buttons === 0) return;
    const box = frame.current?.getBoundingClientRect();
    if (box === undefined) return;
    const [east, south] = [clientX - box.x - box.width / 2, clientY - box.y - box.height / 2];
    turn(((Math.atan2(east, -south) * 180) / Math.PI + 360) % 360);
  };
  const press = (event: KeyboardEvent) => {
    const by = { ArrowRight: STEP_DEG, ArrowUp: STEP_DEG, ArrowLeft: -STEP_DEG, ArrowDown: -STEP_DEG }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    turn((bearingDeg + by + 360) % 360);
  };
  const said = `${say(`way_${wayOf(bearingDeg)}`)} · ${words.number(Math.round(bearingDeg) % 360)}°`;
  return (
    <div
      ref={frame}
      class="dial"
      dir="ltr"
      role="slider"
      tabIndex={0}
      aria-label={say("by_pointing")}
      aria-valuemin={0}
      aria-valuemax={359}
      aria-valuenow={Math.round(bearingDeg) % 360}
      aria-valuetext={said}
      onPointerDown={point}
      onPointerMove={point}
      onKeyDown={press}
    >
      <svg viewBox="-60 -60 120 120" aria-hidden="true">
        <circle r="56" class="ring" />
        {Array.from({ length: 24 }, (_, k) => (
          <path key={k} class="tick" d={k % 6 === 0 ? "M0-56V-46" : "M0-56V-51"} transform={`rotate(${15 * k})`} />
        ))}
        <path class="needle" d="M0-50L13-18 4-22V30H-4V-22L-13-18z" transform={`rotate(${bearingDeg})`} />
        <text class="north" y="-34" text-anchor="middle">
          N
        </text>
      </svg>
      <span class="bearing" dir={words.direction}>
        {said}
      </span>
    </div>
  );
}
