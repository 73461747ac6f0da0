// One shape per word, told apart without colour: a house to run to, a raised hand, a tick, a dash, a crossed-out eye.

import type { Word } from "../../shared/model/trust";

const PATHS: Record<Word | "degraded", string> = {
  take_cover: "M12 3 2.500 11h3V21h13V11h3zM12 8.500v6m-3-2.500 3 3 3-3",
  prepare: "M12 3.500 1.800 20.500h20.400zM12 9.500v5.500M12 17.600v.6",
  all_clear: "M12 2.500a9.500 9.500 0 1 0 0 19 9.500 9.500 0 0 0 0-19zM7.500 12.300l3 3 6-6.300",
  none: "M12 2.500a9.500 9.500 0 1 0 0 19 9.500 9.500 0 0 0 0-19zM8 12h8",
  unknown:
    "M2 12s3.600-6.500 10-6.500S22 12 22 12s-3.600 6.500-10 6.500S2 12 2 12zM12 9.200a2.800 2.800 0 1 0 0 5.600 2.800 2.800 0 0 0 0-5.600zM4 3.500l16 17",
  degraded:
    "M2 12s3.600-6.500 10-6.500S22 12 22 12s-3.600 6.500-10 6.500S2 12 2 12zM12 9.200a2.800 2.800 0 1 0 0 5.600 2.800 2.800 0 0 0 0-5.600zM4 3.500l16 17",
};

export function Icon({ word }: { word: Word | "degraded" }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
      <path d={PATHS[word]} />
    </svg>
  );
}

export function Bell() {
  return (
    <svg class="bell" viewBox="0 0 24 24" aria-hidden="true">
      <path d="M12 2.500c3.600 0 5.700 2.700 5.700 6.200 0 3.700.8 5.400 2.100 6.700.4.400.1.9-.4.900H4.600c-.5 0-.8-.5-.4-.9 1.300-1.300 2.100-3 2.100-6.700C6.300 5.200 8.400 2.500 12 2.500zM9.500 18.500a2.500 2.500 0 0 0 5 0z" />
    </svg>
  );
}
