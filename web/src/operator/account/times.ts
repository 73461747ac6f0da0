// Days and times of what somebody did with his account.

import type { Words } from "../../shared/i18n";

/** "3 Mar, 14:05", where and as the reader writes it. */
export function moment(at: string, words: Words): string {
  return new Intl.DateTimeFormat(words.language, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" }).format(new Date(at));
}
