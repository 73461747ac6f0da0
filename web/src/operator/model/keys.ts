// What single keys do. They can be switched off: somebody who speaks to his computer, or whose hand trembles, must not
// raise a warning with a letter.

import type { ConsoleKey } from "../../shared/i18n/console";

export type Command =
  | "draw" | "find" | "raise" | "confirm" | "cancel" | "extend" | "release" | "approve" | "retract" | "next" | "previous"
  | "open" | "zones" | "sky" | "sensors" | "delivery" | "log" | "notes" | "ledger" | "minutes" | "past" | "whole" | "admin" | "help";

export const KEYS: readonly (readonly [key: string, command: Command, text: ConsoleKey])[] = [
  ["d", "draw", "key_draw"],
  ["f", "find", "key_find"],
  ["r", "raise", "key_raise"],
  ["c", "confirm", "key_confirm"],
  ["x", "cancel", "key_cancel"],
  ["e", "extend", "key_extend"],
  ["l", "release", "key_release"],
  ["a", "approve", "key_approve"],
  ["t", "retract", "key_retract"],
  ["j", "next", "key_next"],
  ["k", "previous", "key_previous"],
  ["o", "open", "key_open"],
  ["1", "zones", "tab_zones"],
  ["2", "sky", "tab_sky"],
  ["3", "sensors", "tab_sensors"],
  ["4", "delivery", "tab_delivery"],
  ["5", "log", "tab_log"],
  ["6", "notes", "tab_notes"],
  ["7", "ledger", "tab_ledger"],
  ["8", "minutes", "tab_minutes"],
  ["p", "past", "key_past"],
  ["w", "whole", "key_whole"],
  ["s", "admin", "key_admin"],
  ["?", "help", "key_help"],
];

const BY_KEY = new Map(KEYS.map(([key, command]) => [key, command]));
const KEY = "tocsin.console.keys";

export function keysOn(): boolean {
  try {
    return localStorage.getItem(KEY) !== "off";
  } catch {
    return true;
  }
}

export function switchKeys(on: boolean): void {
  try {
    localStorage.setItem(KEY, on ? "on" : "off");
  } catch {
    // Storage is switched off: it is forgotten with the page.
  }
}

/** What a key press asks for; null: nothing of ours. Never while somebody writes, nor by a key that is held down. */
export function commandOf(event: Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey" | "repeat"> & { writing: boolean }): Command | null {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.writing) return null;
  return BY_KEY.get(event.key.length === 1 ? event.key.toLowerCase() : event.key) ?? null;
}

/** Whether what has the focus takes letters. */
export function writes(element: Element | null): boolean {
  if (element instanceof HTMLInputElement) return !["checkbox", "radio", "range", "button"].includes(element.type);
  return element instanceof HTMLTextAreaElement || element instanceof HTMLSelectElement;
}
