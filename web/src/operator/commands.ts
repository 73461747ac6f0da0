// What keys and buttons do: each command in one place.

import type { RefObject } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Asked } from "./act/asked";
import { type Desk, TABS } from "./desk";
import { type Command, commandOf, keysOn, writes } from "./model/keys";
import { askedFor, everythingRaised } from "./view/decisions";

export type Over = "help" | "find" | null;

/** The decision that has the focus; else the first. */
function pressing(desk: Desk, verb: string): Asked | null {
  const focused = document.activeElement?.closest<HTMLElement>("[data-decision]")?.dataset.decision;
  const all = desk.view.picture?.decisions ?? [];
  for (const needed of [...all.filter(({ id }) => id === focused), ...all]) {
    const can = needed.can.find((one) => one.do === verb);
    const asked = can === undefined ? null : askedFor(can, needed, desk);
    if (asked !== null && !(asked.do === "approve" && asked.waiting.operator === desk.session.id)) return asked;
  }
  return null;
}

function orderFor(desk: Desk): Asked | null {
  const raised = desk.view.picture?.standing.filter(({ action }) => action === "raise") ?? [];
  const [standing] = raised.filter(({ zones }) => zones.some((zone) => desk.zones.has(zone))).concat(raised);
  return standing === undefined ? null : { do: "extend", zones: standing.zones, standing };
}

/** What an act's key asks for: of the chosen zones where there are some, else of the most pressing decision. */
function askedBy(command: Command, desk: Desk): Asked | null {
  const zones = [...desk.zones];
  switch (command) {
    case "raise":
      return zones.length > 0 ? { do: "raise", zones } : pressing(desk, "raise");
    case "confirm": {
      const proposed = desk.view.picture?.proposals.map(({ zone }) => zone).filter((zone) => desk.zones.has(zone)) ?? [];
      return proposed.length > 0 ? { do: "confirm", zones: proposed } : pressing(desk, "confirm");
    }
    case "cancel":
      return zones.length > 0 ? { do: "cancel", zones } : pressing(desk, "cancel");
    case "release":
      return zones.length > 0 ? { do: "release", zones } : pressing(desk, "release");
    case "extend":
      return pressing(desk, "extend") ?? orderFor(desk);
    case "approve":
      return pressing(desk, "approve");
    case "retract": {
      const all = everythingRaised(desk);
      return all.length > 0 ? { do: "retract", zones: all } : null;
    }
    default:
      return null;
  }
}

function walk(step: number): void {
  const cards = [...document.querySelectorAll<HTMLElement>("[data-decision]")];
  const at = cards.findIndex((card) => card.contains(document.activeElement));
  cards[at < 0 ? 0 : (at + step + cards.length) % cards.length]?.focus();
}

export function useCommands(desk: Desk, over: (one: Over) => void, admin: (on: boolean) => void, whole: RefObject<() => void>): (command: Command) => void {
  const run = (command: Command) => {
    const tab = TABS.find((one) => one === command);
    if (tab !== undefined) {
      if (desk.tabs.includes(tab)) desk.open(tab);
    } else if (command === "help" || command === "find") over(command);
    else if (command === "admin") admin(true);
    else if (command === "whole") whole.current();
    else if (command === "next" || command === "previous") walk(command === "next" ? 1 : -1);
    else if (command === "open") document.activeElement?.closest<HTMLElement>("[data-decision]")?.querySelector("button")?.focus();
    else if (command === "past") desk.showPast(desk.past === null ? { atMs: desk.view.nowMs, picture: null } : null);
    else if (desk.past !== null) desk.tell(desk.voice.say("not_in_past"));
    else if (command === "draw") desk.draw(true);
    else if (!desk.may(command === "approve" ? "approve" : "act")) desk.tell(desk.voice.say("may_not"));
    else {
      const asked = askedBy(command, desk);
      if (asked === null) desk.tell(desk.voice.say(command === "raise" ? "choose_first" : "nothing_to_do"));
      else desk.ask(asked);
    }
  };
  const now = useRef(run);
  now.current = run;
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (!keysOn() || event.defaultPrevented || document.querySelector("dialog[open]") !== null) return;
      const command = commandOf({ key: event.key, ctrlKey: event.ctrlKey, metaKey: event.metaKey, altKey: event.altKey, repeat: event.repeat, writing: writes(document.activeElement) });
      if (command === null) return;
      event.preventDefault();
      now.current(command);
    };
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  }, []);
  return (command) => now.current(command);
}
