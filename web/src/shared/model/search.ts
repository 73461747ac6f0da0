// Finding a place by name, in whatever script and however it is spelt on a bad night.

import { allNames, type Zone } from "./outlines";

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

/** How badly a name fits, 0 not at all; null when it does not. Both are folded. */
export function misfit(wanted: string, name: string): number | null {
  if (name === wanted) return 0;
  if (name.startsWith(wanted)) return 1;
  if (` ${name}`.includes(` ${wanted}`)) return 2;
  if (wanted.length >= 3 && name.includes(wanted)) return 3;
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

export type Names = readonly { readonly zone: Zone; readonly names: readonly string[] }[];

export function foldedNames(zones: Iterable<Zone>): Names {
  return [...zones].map((zone) => ({ zone, names: allNames(zone).map(folded) }));
}

/** Up to `limit` zones that the text may mean: the best fit first, then the most people. */
export function search(text: string, names: Names, limit = 8): Zone[] {
  const wanted = folded(text);
  if (wanted === "") return [];
  const found: { zone: Zone; score: number }[] = [];
  for (const entry of names) {
    const scores = entry.names.map((name) => misfit(wanted, name)).filter((score) => score !== null);
    if (scores.length > 0) found.push({ zone: entry.zone, score: Math.min(...scores) });
  }
  found.sort((a, b) => a.score - b.score || b.zone.population - a.zone.population || (a.zone.id < b.zone.id ? -1 : 1));
  return found.slice(0, limit).map(({ zone }) => zone);
}
