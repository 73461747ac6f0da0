// Which way the phone points: its back when it is held up, its top when it lies flat.

import { useEffect, useState } from "preact/hooks";

const RAD = Math.PI / 180;

/** Degrees clockwise from north, of W3C orientation angles in degrees. */
export function headingOf(alpha: number, beta: number, gamma: number): number {
  const [a, b, g] = [alpha * RAD, beta * RAD, gamma * RAD];
  const upright = Math.abs(Math.sin(b)) > Math.SQRT1_2 || Math.abs(Math.sin(g)) > Math.SQRT1_2;
  const [east, north] = upright
    ? [-Math.cos(a) * Math.sin(g) - Math.sin(a) * Math.sin(b) * Math.cos(g), -Math.sin(a) * Math.sin(g) + Math.cos(a) * Math.sin(b) * Math.cos(g)]
    : [-Math.cos(b) * Math.sin(a), Math.cos(a) * Math.cos(b)];
  return (Math.atan2(east, north) / RAD + 360) % 360;
}

interface IosEvent extends DeviceOrientationEvent {
  readonly webkitCompassHeading?: number;
}

type Asking = typeof DeviceOrientationEvent & { requestPermission?: () => Promise<"granted" | "denied"> };

export interface Compass {
  /** Null: there is none, or nothing was heard of it yet. */
  readonly headingDeg: number | null;
  /** It must be asked for by a tap. */
  readonly ask: (() => void) | null;
}

export function useCompass(): Compass {
  const [headingDeg, setHeading] = useState<number | null>(null);
  const asking = (globalThis.DeviceOrientationEvent as Asking | undefined)?.requestPermission;
  const [allowed, setAllowed] = useState(asking === undefined);
  useEffect(() => {
    if (!allowed) return;
    const hear = (event: Event) => {
      const { alpha, beta, gamma, absolute, webkitCompassHeading } = event as IosEvent;
      if (webkitCompassHeading !== undefined) setHeading(webkitCompassHeading);
      else if (alpha !== null && beta !== null && gamma !== null && (absolute || event.type === "deviceorientationabsolute"))
        setHeading(headingOf(alpha, beta, gamma));
    };
    const names = ["deviceorientationabsolute", "deviceorientation"];
    for (const name of names) addEventListener(name, hear);
    return () => {
      for (const name of names) removeEventListener(name, hear);
    };
  }, [allowed]);
  // Some browsers say yes without a tap; those that want one say no here, and are asked again by it.
  useEffect(() => void asking?.call(DeviceOrientationEvent).then((said) => said === "granted" && setAllowed(true), () => undefined), []);
  const ask = () => void asking?.call(DeviceOrientationEvent).then((said) => setAllowed(said === "granted"));
  return { headingDeg, ask: allowed ? null : ask };
}
