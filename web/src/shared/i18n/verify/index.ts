// The words of the page that checks the public log. All languages come with it: it must work from one file.

import type { Language } from "..";
import english from "./en.json";

export type VerifyKey = keyof typeof english;
type Texts = Readonly<Record<VerifyKey, string>>;
const others = import.meta.glob<Texts>(["./*.json", "!./en.json"], { eager: true, import: "default" });

export const textsIn = (language: Language): Texts => others[`./${language}.json`] ?? english;
