// The chosen language as hooks: the words that all pages share, and those of one page.

import { useCallback, useEffect, useMemo, useState } from "preact/hooks";
import { ENGLISH, type Language, loadTexts, preferredLanguage, rememberLanguage, type Say, sayer, type Words, wordsOf } from ".";

export function useLanguage(): [Words, (language: Language) => void] {
  const [words, setWords] = useState(ENGLISH);
  const choose = useCallback(async (language: Language) => {
    try {
      setWords(wordsOf(language, await loadTexts(language)));
    } catch (error) {
      // English stands in; a page without words would be worse.
      console.warn(`tocsin: the texts in ${language} could not be loaded`, error);
    }
  }, []);
  useEffect(() => void choose(preferredLanguage()), [choose]);
  useEffect(() => {
    document.documentElement.lang = words.language;
    document.documentElement.dir = words.direction;
  }, [words]);
  return [
    words,
    (language) => {
      rememberLanguage(language);
      choose(language);
    },
  ];
}

/** One part's own texts: English, which comes with it, and what loads the others, by file: `./de.json`. */
export interface Own<K extends string> {
  readonly english: Readonly<Record<K, string>>;
  readonly others: Readonly<Record<string, () => Promise<{ default: Readonly<Record<K, string>> }>>>;
}

/** Says a part's own texts in a language; English stands in until they are there. */
export function useOwn<K extends string>(own: Own<K>, language: Language): Say<K> {
  const [texts, setTexts] = useState(own.english);
  useEffect(() => {
    let wanted = true;
    const load = own.others[`./${language}.json`];
    if (load === undefined) setTexts(own.english);
    else
      load().then(
        (found) => wanted && setTexts(found.default),
        (error) => console.warn(`tocsin: some texts in ${language} could not be loaded`, error),
      );
    return () => {
      wanted = false;
    };
  }, [own, language]);
  return useMemo(() => sayer(texts), [texts]);
}
