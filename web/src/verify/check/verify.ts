// Whether a public log is what its signed heads say: written from docs/how-to/public-proof.md, apart from the service's code.

import { fromHex, type Hash, hex, isCount, joined, linesOf, matches, objectIn, sha256, utf8 } from "./bytes";
import { Branch, Edge, type Head, headIn, type Key, leafHash, refused } from "./history";

export type What = "head" | "rewound" | "forked" | "altered" | "dropped" | "moved" | "added" | "blanked";

/** One thing that is wrong: about which entries (null: none), in which line, and what it is called. */
export interface Finding {
  readonly what: What;
  readonly first: number | null;
  readonly last: number | null;
  readonly line: number | null;
  readonly name: string;
}

export interface Verdict {
  readonly entries: number;
  /** How many stand after all that heads vouch for. */
  readonly unsigned: number;
  readonly heads: number;
  readonly newest: { readonly time: string; readonly size: number } | null;
  readonly findings: readonly Finding[];
}

interface Line {
  readonly number: number;
  readonly leaf: string | null;
  readonly said: number | null;
  readonly name: string;
  readonly hidden: boolean;
  /** The entry that this one says is blanked. */
  readonly blanks: number | null;
}

interface Histories {
  readonly main: Branch;
  readonly others: Branch[];
  readonly later: Head[];
  readonly findings: Finding[];
  newest: Head | null;
  count: number;
}

const BRANCHES_MAX = 8;
const AT_ONCE = 512;

const finding = (what: What, first: number | null, last = first, line: number | null = null, name = ""): Finding => ({
  what,
  first,
  last,
  line,
  name,
});

/** Numbers in order as runs. */
function runs(numbers: readonly number[]): [number, number][] {
  const found: [number, number][] = [];
  for (const number of numbers) {
    const last = found.at(-1);
    if (last !== undefined && last[1] === number - 1) last[1] = number;
    else found.push([number, number]);
  }
  return found;
}

export type Progress = (entries: number) => void;

/** Check the lines of an export against lines of heads, by the keys that may sign them. */
export async function verify(
  entries: Uint8Array,
  heads: Uint8Array,
  keys: readonly Key[],
  progress: Progress = () => undefined,
): Promise<Verdict> {
  const told = await histories(heads, keys);
  const lines = await read(entries, progress);
  const expected = told.main.leaves.map(hex);
  const ours = new Set(expected);
  const second = new Set(told.others.flatMap(({ leaves }) => leaves.map(hex)).filter((leaf) => !ours.has(leaf)));
  const { findings, unsigned: unnamed } = compared(lines, expected, second);
  const all = [...told.findings, ...findings];
  let unsigned = unnamed;
  if (all.every(({ first }) => first === null)) {
    const { agreed, wrong } = await byRoot(lines, told);
    all.push(...wrong);
    // What a root covers is vouched for, too, although no head names its leaves.
    unsigned = Math.min(unnamed, Math.max(0, lines.length - agreed));
  }
  if (told.newest === null) all.push(finding("head", null, null, null, "none"));
  const newest = told.newest && { time: told.newest.time, size: told.newest.size };
  return { entries: lines.length, unsigned, heads: told.count, newest, findings: all };
}

async function histories(file: Uint8Array, keys: readonly Key[]): Promise<Histories> {
  const told: Histories = { main: Branch.empty(), others: [], later: [], findings: [], newest: null, count: 0 };
  const heads = new Map<string, Head>();
  for (const [number, line] of linesOf(file)) {
    const head = headIn(line);
    const why = head === null ? "unreadable" : await refused(head, keys);
    if (head !== null && why === null) heads.set(JSON.stringify(objectIn(line)), head);
    else told.findings.push(finding("head", null, null, number, why ?? ""));
  }
  const key = ({ time, size, root }: Head) => `${time} ${String(size).padStart(16, "0")} ${root}`;
  const ordered = [...heads.values()].sort((one, other) => (key(one) < key(other) ? -1 : 1));
  told.count = ordered.length;
  for (const head of ordered) {
    if (head.log !== ordered[0]?.log) {
      told.findings.push(finding("forked", null, null, null, head.time));
      continue;
    }
    told.newest = head;
    await take(head, told);
  }
  for (const { leaves } of told.others) {
    const differing = leaves.flatMap((leaf, at) => {
      const ours = told.main.leaves[at];
      return ours !== undefined && hex(ours) === hex(leaf) ? [] : [at];
    });
    for (const [first, last] of runs(differing)) told.findings.push(finding("forked", first, last));
  }
  told.later.sort((one, other) => one.size - other.size);
  return told;
}

async function take(head: Head, told: Histories): Promise<void> {
  for (const branch of [told.main, ...told.others]) {
    if (!(await branch.takes(head))) continue;
    if (head.size < branch.largest) told.findings.push(finding("rewound", head.size, branch.largest - 1, null, head.time));
    branch.largest = Math.max(branch.largest, head.size);
    return;
  }
  for (const branch of [told.main, ...told.others].slice(0, BRANCHES_MAX)) {
    const other = await branch.forked(head);
    if (other === null) continue;
    other.largest = head.size;
    told.others.push(other);
    return;
  }
  if (head.size > told.main.leaves.length) {
    if (head.names && head.first <= told.main.leaves.length) told.findings.push(finding("head", null, null, null, "leaves"));
    told.later.push(head);
  } else told.findings.push(finding("forked", null, null, null, head.time));
}

const KEYS = ["salt", "kind", "id", "content"] as const;

/** The leaf of an entry, and what it is called; null: it is no entry. */
async function entryOf(number: number, line: string | null): Promise<Line | null> {
  const found = objectIn(line);
  if (found === null || !isCount(found.index) || typeof found.public !== "boolean") return null;
  const { index, commitment, salt, kind, id, content } = found;
  const open = commitment === undefined;
  let committed: Uint8Array;
  let name = "";
  let blanks: number | null = null;
  if (open) {
    if (!matches(salt, /^[0-9a-f]{32}$/) || !matches(kind, /^[a-z_]+$/)) return null;
    // Half a character would be hashed as another.
    if (!matches(id, /^[^\n]+$/) || typeof content !== "string" || /\p{Surrogate}/u.test(id + content)) return null;
    committed = await sha256(joined(fromHex(salt), utf8(`${kind}\n${id}\n${content}`)));
    name = `${kind} ${id}`;
    const other = kind === "blanked" && found.public ? objectIn(content)?.entry : undefined;
    blanks = isCount(other) ? other : null;
  } else {
    if (!matches(commitment, /^[0-9a-f]{64}$/) || KEYS.some((key) => found[key] !== undefined)) return null;
    committed = fromHex(commitment);
  }
  const leaf = await leafHash(joined(Uint8Array.of(found.public ? 1 : 0), committed));
  return { number, leaf: hex(leaf), said: index, name, hidden: found.public && !open, blanks };
}

async function read(file: Uint8Array, progress: Progress): Promise<Line[]> {
  const lines: Line[] = [];
  let waiting: Promise<Line>[] = [];
  const unreadable = { leaf: null, said: null, name: "", hidden: false, blanks: null };
  for (const [number, line] of linesOf(file)) {
    waiting.push(entryOf(number, line).then((entry) => entry ?? { number, ...unreadable }));
    if (waiting.length < AT_ONCE) continue;
    lines.push(...(await Promise.all(waiting)));
    waiting = [];
    progress(lines.length);
  }
  return [...lines, ...(await Promise.all(waiting))];
}

function compared(lines: readonly Line[], expected: readonly string[], second: ReadonlySet<string>) {
  const findings: Finding[] = [];
  const numbers = new Map(expected.map((leaf, index) => [leaf, index]));
  const told = new Set(lines.flatMap(({ blanks }) => (blanks === null ? [] : [blanks])));
  // Which entry each line is: its number, or null where no head knows it.
  const index = lines.map(({ leaf }) => (leaf === null ? undefined : numbers.get(leaf)) ?? null);
  const seen = new Set<number>();
  const once: number[] = [];
  lines.forEach((line, place) => {
    const entry = index[place] ?? null;
    if (entry === null) return;
    if (seen.has(entry)) {
      findings.push(finding("added", entry, entry, line.number, line.name));
      return;
    }
    seen.add(entry);
    once.push(place);
  });
  const at = (place: number) => index[place] as number;
  const chain = longest(once, at);
  const inOrder = new Set(chain);
  // Somebody may have numbered the lines anew: then most of them tell their places.
  const telling = (right: (place: number) => number) => chain.filter((place) => lines[place]?.said === right(place)).length;
  const numbered = telling((place) => place) > telling(at);
  for (const place of once) {
    const [line, entry] = [lines[place] as Line, at(place)];
    if (!inOrder.has(place)) findings.push(finding("moved", entry, entry, line.number, line.name));
    else if (line.said !== (numbered ? place : entry)) findings.push(finding("altered", entry, entry, line.number, line.name));
    if (line.hidden && !told.has(entry)) findings.push(finding("blanked", entry, entry, line.number));
  }
  // Between two lines in order: the entries that are missing there, and the lines that no head knows.
  let unsigned = 0;
  const forked: number[] = [];
  const bounds = [-1, ...chain, lines.length];
  for (let gap = 0; gap + 1 < bounds.length; gap += 1) {
    const [before, after] = [bounds[gap] as number, bounds[gap + 1] as number];
    const low = before < 0 ? 0 : at(before) + 1;
    const end = after >= lines.length;
    const high = end ? expected.length : at(after);
    const free = new Set<number>();
    for (let entry = low; entry < high; entry += 1) if (!seen.has(entry)) free.add(entry);
    for (let place = before + 1; place < after; place += 1) {
      if (index[place] !== null) continue;
      const { leaf, said, number, name } = lines[place] as Line;
      const entry = said !== null && free.has(said) ? said : smallest(free);
      if (entry !== null) free.delete(entry);
      if (leaf !== null && second.has(leaf)) forked.push(said ?? 0);
      else if (entry !== null) findings.push(finding("altered", entry, entry, number, name));
      else if (end && said !== null && said >= expected.length) unsigned += 1;
      else findings.push(finding("added", said, said, number, name));
    }
    for (const [from, to] of runs([...free])) findings.push(finding("dropped", from, to));
  }
  for (const [from, to] of runs(forked.sort((a, b) => a - b))) findings.push(finding("forked", from, to));
  return { findings, unsigned };
}

/** The first that was put in: the smallest, as these are in order. */
function smallest(free: ReadonlySet<number>): number | null {
  for (const one of free) return one;
  return null;
}

/** The most of some places whose entries are in order, by patience. */
function longest(places: readonly number[], at: (place: number) => number): number[] {
  const piles: number[] = [];
  const under = new Map<number, number | undefined>();
  for (const place of places) {
    let [low, high] = [0, piles.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (at(piles[middle] as number) < at(place)) low = middle + 1;
      else high = middle;
    }
    under.set(place, piles[low - 1]);
    piles[low] = place;
  }
  const chain: number[] = [];
  for (let place = piles.at(-1); place !== undefined; place = under.get(place)) chain.push(place);
  return chain.reverse();
}

/** How many entries agree with the heads, and what roots alone can tell: between which two heads something is wrong. */
async function byRoot(lines: readonly Line[], told: Histories): Promise<{ agreed: number; wrong: Finding[] }> {
  const leaves: Hash[] = lines.flatMap(({ leaf }) => (leaf === null ? [] : [fromHex(leaf)]));
  let agreed = told.main.leaves.length;
  let edge = await Edge.EMPTY.with(leaves.slice(0, agreed));
  for (const head of told.later) {
    if (head.size > leaves.length)
      return { agreed, wrong: [finding("dropped", leaves.length, head.size - 1, null, head.time)] };
    edge = await edge.with(leaves.slice(edge.size, head.size));
    if ((await edge.root()) !== head.root)
      return { agreed, wrong: [finding("altered", agreed, head.size - 1, null, head.time)] };
    agreed = Math.max(agreed, head.size);
  }
  return { agreed, wrong: [] };
}
