// A sound when something new needs a decision: an officer does not look at the screen all night.

import { useEffect, useRef, useState } from "preact/hooks";
import { useDesk } from "../desk";


function ring(context: AudioContext): void {
  [660, 880].forEach((pitch, i) => {
    const tone = context.createOscillator();
    const volume = context.createGain();
    const at = context.currentTime + 0.22 * i;
    tone.frequency.value = pitch;
    volume.gain.setValueAtTime(0.0001, at);
    volume.gain.exponentialRampToValueAtTime(0.25, at + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.0001, at + 0.2);
    tone.connect(volume).connect(context.destination);
    tone.start(at);
    tone.stop(at + 0.22);
  });
}

export function SoundSwitch() {
  const { view, voice } = useDesk();
  const [context, setContext] = useState<AudioContext | null>(null);
  const known = useRef<ReadonlySet<string> | null>(null);
  const decisions = view.picture?.decisions;
  useEffect(() => {
    if (decisions === undefined) return;
    const ids = new Set(decisions.map(({ id }) => id));
    const fresh = known.current !== null && [...ids].some((id) => !known.current?.has(id));
    known.current = ids;
    if (fresh && context !== null) ring(context);
  }, [decisions, context]);
  // Browsers let a page sound only after somebody has touched it: the switch is that touch.
  const toggle = () => {
    if (context !== null) void context.close();
    const next = context === null ? new AudioContext() : null;
    if (next !== null) ring(next);
    setContext(next);
  };
  return (
    <button type="button" aria-pressed={context !== null} onClick={toggle}>
      {voice.say(context === null ? "sound_off" : "sound_on")}
    </button>
  );
}
