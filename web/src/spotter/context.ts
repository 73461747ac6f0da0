// What every part of the page needs: the words, and how the screen looks.

import { createContext } from "preact";
import { useContext } from "preact/hooks";
import { ENGLISH, type Say, sayer, type Words } from "../shared/i18n";
import { SPOTTER, type SpotterKey } from "../shared/i18n/spotter";

export interface Spoken {
  readonly words: Words;
  readonly say: Say<SpotterKey>;
}

export const SpokenContext = createContext<Spoken>({ words: ENGLISH, say: sayer(SPOTTER.english) });
export const useSpoken = (): Spoken => useContext(SpokenContext);
