// What every part of the page needs: the words, and the places' names.

import { createContext } from "preact";
import { useContext } from "preact/hooks";
import { ENGLISH, type Words } from "../shared/i18n";

export const WordsContext = createContext<Words>(ENGLISH);
export const useWords = (): Words => useContext(WordsContext);
