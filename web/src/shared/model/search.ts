// Finding a place by name, in whatever script and however it is spelt on a bad night.

import { allNames, type Cities, type Zone } from "./outlines";

// Letters that people type for one another, after marks have been taken off.
const FOLDED: Readonly<Record<string, string>> = {
  ة: "ه",
  ى: "ي",
  ی: "ي",
  ئ: "ي",
  ؤ: "و",
  ک: "ك",
  ٱ: "ا",
  ך: "כ",
  ם: "מ",
  ן: "נ",
  ף: "פ",
  ץ: "צ",
  ı: "i",
  ß: "ss",
  ł: "l",
  ø: "o",
  đ: "d",
  æ: "ae",
  œ: "oe",
  ґ: "г",
};

/** A name as it is compared: lower case, without accents, vowel points, apostrophes or the Arabic article. */
export function folded(name: string): string {
  return name
    .toLowerCase()
    .normalize("NFKD")
    .replace(/[\p{M}ـ'’ʼʹʿʾ`"״׳]/gu, "")
    .replace(/./gu, (letter) => FOLDED[letter] ?? letter)
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .replace(/(^| )(?:ال(?=\p{L}{2})|(?:al|el|ash|as|ad|ar|at|az|an) )/gu, "$1")
    .trim();
}

/** Edits (insert, drop, replace, swap neighbours) between two words, or more than `max` as soon as that is certain. */
export function edits(first: string, second: string, max: number): number {
  if (Math.abs(first.length - second.length) > max) return max + 1;
  let [before, row]: [number[], number[]] = [[], Array.from({ length: second.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= first.length; i++) {
    const next = [i];
    for (let j = 1; j <= second.length; j++) {
      const same = first[i - 1] === second[j - 1];
      let cost = Math.min((row[j] as number) + 1, (next[j - 1] as number) + 1, (row[j - 1] as number) + (same ? 0 : 1));
      if (i > 1 && j > 1 && first[i - 1] === second[j - 2] && first[i - 2] === second[j - 1]) {
        cost = Math.min(cost, (before[j - 2] as number) + 1);
      }
      next.push(cost);
    }
    if (Math.min(...next) > max) return max + 1;
    [before, row] = [row, next];
  }
  return row[second.length] as number;
}

// One slip in a short word, two in a long one; none in three letters, where everything is near everything.
const slipsAllowed = (word: string): number => (word.length < 4 ? 0 : word.length < 8 ? 1 : 2);

/** How badly a name fits that holds what was typed, 0 not at all; null when it does not hold it. Both are folded. */
function misfit(wanted: string, name: string): number | null {
  if (name === wanted) return 0;
  if (name.startsWith(wanted)) return 1;
  if (` ${name}`.includes(` ${wanted}`)) return 2;
  return wanted.length >= 3 && name.includes(wanted) ? 3 : null;
}

/** The same of a name that only holds it with slips: 3 and their number. */
function slipMisfit(wanted: string, name: string): number | null {
  const slips = slipsAllowed(wanted);
  if (slips === 0) return null;
  // Compared with as much of the name as was typed, so that a slip early in a long name does not hide it.
  const heads = [name, ...name.split(" ")].flatMap((word) => [
    word,
    word.slice(0, wanted.length),
    word.slice(0, wanted.length + 1),
  ]);
  const fewest = Math.min(...heads.map((head) => edits(wanted, head, slips)));
  return fewest <= slips ? 3 + fewest : null;
}

/** How badly another spelling fits: only whole or from its beginning, for a place has dozens of them. */
function spellingMisfit(wanted: string, spelling: string): number | null {
  if (spelling === wanted) return 1;
  return wanted.length >= 3 && spelling.startsWith(wanted) ? 2 : null;
}

// What each is worth among places that fit alike, in powers of ten of people: to be called so and not only spelt so; and,
// where one's whole spelling was typed and only the beginning of another's name, the whole.
const CALLED_SO = 1;
const WHOLE = 2;

export interface Entry {
  readonly zone: Zone;
  readonly names: readonly string[];
  readonly spellings: readonly string[];
  /** The city it is a district of. */
  readonly city: string | null;
}
export type Names = readonly Entry[];

/** What can be found: cities whole, before their districts, and zones. */
export function foldedNames(zones: Iterable<Zone>, cities: Cities = new Map()): Names {
  return new NameIndex(zones, cities).all();
}

/** The same, made bit by bit while nobody types: for a country's zones it takes a phone a quarter of a second. */
export class NameIndex {
  private readonly places: readonly Zone[];
  private readonly made: Entry[] = [];

  constructor(
    zones: Iterable<Zone>,
    private readonly cities: Cities,
  ) {
    this.places = [...cities.values(), ...zones];
  }

  /** Makes so many more; whether any are left. */
  step(count: number): boolean {
    for (const zone of this.places.slice(this.made.length, this.made.length + count)) {
      this.made.push({
        zone,
        names: allNames(zone).map(folded),
        spellings: zone.spellings.map(folded),
        city: zone.parent !== null && this.cities.has(zone.parent) ? zone.parent : null,
      });
    }
    return this.made.length < this.places.length;
  }

  /** All of them, whatever was made before. */
  all(): Names {
    this.step(this.places.length);
    return this.made;
  }
}

interface Fit {
  readonly score: number;
  readonly weight: number;
}

const byFit = (a: Fit, b: Fit): number => a.score - b.score || b.weight - a.weight;

const bestOf = (fits: readonly Fit[]): Fit | null => [...fits].sort(byFit)[0] ?? null;

/** The best fit of a place, and its weight among those that fit alike; null when it does not fit. */
function fitOf(wanted: string, { zone, names, spellings }: Entry): Fit | null {
  const people = Math.log10(zone.population + 1);
  const fits: Fit[] = [];
  for (const name of names) {
    const score = misfit(wanted, name);
    if (score !== null) fits.push({ score, weight: people + CALLED_SO });
  }
  for (const spelling of spellings) {
    const score = spellingMisfit(wanted, spelling);
    if (score !== null) fits.push({ score, weight: people + (spelling === wanted ? WHOLE : 0) });
  }
  return bestOf(fits);
}

/**
 * Up to `limit` places that the text may mean. What is called so comes first; then what begins so or is spelt so
 * otherwise, the most people first; a found city's districts with what holds the text as a word. Slips come last, and
 * are looked for only where room is left: it takes a hundred times longer.
 */
export function search(text: string, names: Names, limit = 8): Zone[] {
  const wanted = folded(text);
  if (wanted === "") return [];
  const found: { zone: Zone; fit: Fit }[] = [];
  const cities = new Set<string>();
  const others: Entry[] = [];
  for (const entry of names) {
    const own = fitOf(wanted, entry);
    if (own !== null && own.score <= 1) cities.add(entry.zone.id);
    const ofCity = entry.city !== null && cities.has(entry.city) && (own === null || own.score > 2);
    const fit = ofCity ? { score: 2, weight: Math.log10(entry.zone.population + 1) } : own;
    if (fit !== null) found.push({ zone: entry.zone, fit });
    else others.push(entry);
  }
  if (found.length < limit) {
    for (const { zone, names } of others) {
      const slips = names.map((name) => slipMisfit(wanted, name)).filter((score) => score !== null);
      if (slips.length > 0) found.push({ zone, fit: { score: Math.min(...slips), weight: Math.log10(zone.population + 1) } });
    }
  }
  found.sort((a, b) => byFit(a.fit, b.fit) || (a.zone.id < b.zone.id ? -1 : 1));
  return found.slice(0, limit).map(({ zone }) => zone);
}
