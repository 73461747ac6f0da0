// The map's colours: dim by night, and all of another hue in a drill.

export interface Palette {
  readonly sea: string;
  readonly land: string;
  readonly border: string;
  readonly line: string;
  readonly calm: string;
  readonly prepare: string;
  readonly take_cover: string;
  readonly all_clear: string;
  readonly blind: string;
  readonly lacking: string;
  readonly text: string;
  readonly halo: string;
  readonly track: string;
  readonly civil: string;
  readonly sensor: string;
  readonly trouble: string;
  readonly chosen: string;
}

/** What the page's stylesheet says now. */
export function paletteOf(element: Element): Palette {
  const style = getComputedStyle(element);
  const read = (name: string) => style.getPropertyValue(`--map-${name}`).trim() || "#888888";
  return {
    sea: read("sea"),
    land: read("land"),
    border: read("border"),
    line: read("line"),
    calm: read("calm"),
    prepare: read("prepare"),
    take_cover: read("cover"),
    all_clear: read("clear"),
    blind: read("blind"),
    lacking: read("lacking"),
    text: read("text"),
    halo: read("halo"),
    track: read("track"),
    civil: read("civil"),
    sensor: read("sensor"),
    trouble: read("trouble"),
    chosen: read("chosen"),
  };
}
