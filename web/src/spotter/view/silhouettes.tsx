// What flies, as plain shapes seen from below: told apart by outline alone.

import type { Kind } from "../model/report";

const SHAPES: Readonly<Record<Kind, string>> = {
  // A delta with a propeller behind.
  drone: "M32 3c2 0 3 2 4 5l24 40v6H41v-6h-5v8h8v5H20v-5h8v-8h-5v6H4v-6L28 8c1-3 2-5 4-5z",
  // A thin tube with short wings in its middle and fins.
  cruise_missile: "M32 2c3 3 4 7 4 11v12l16 6v5l-16-3v17l7 6v4l-11-2-11 2v-4l7-6V33l-16 3v-5l16-6V13c0-4 1-8 4-11z",
  // Swept wings and two tails.
  jet: "M32 2l4 14 3 8 21 18v6l-19-4-3 6 7 8v4l-11-3h-4l-11 3v-4l7-8-3-6-19 4v-6l21-18 3-8z",
  // A rotor across a fat body with a boom.
  helicopter: "M6 8l22 15c1-1 2-2 4-2s3 1 4 2L58 8l2 3-21 16c1 2 1 4 1 6l20 17-2 3-20-14c-1 2-2 3-3 4v13h7v5H22v-5h7V43c-1-1-2-2-3-4L6 53l-2-3 20-17c0-2 0-4 1-6L4 11z",
  // Nose, body, fins and flame.
  ballistic_missile: "M32 2c5 6 8 13 8 22v14l8 9v7l-9-4H25l-9 4v-7l8-9V24c0-9 3-16 8-22zM27 53h10l-5 10z",
  explosion: "M32 3l6 14 13-9-4 15 15 1-12 10 11 11-15-1 3 15-12-9-5 12-5-12-12 9 3-15-15 1 11-11L2 24l15-1-4-15 13 9z",
  unknown:
    "M32 5c11 0 19 7 19 16 0 7-4 11-9 14-4 3-6 5-6 9v2h-9v-3c0-7 4-10 8-13 4-3 6-5 6-9s-4-7-9-7c-6 0-9 4-10 9l-9-2C14 11 21 5 32 5zM27 50h10v9H27z",
};

export function Silhouette({ kind }: { kind: Kind }) {
  return (
    <svg class={`silhouette is-${kind}`} viewBox="0 0 64 64" aria-hidden="true">
      <path d={SHAPES[kind]} />
    </svg>
  );
}
