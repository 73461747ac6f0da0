import { describe, expect, it, vi } from "vitest";
import { KEPT_MS, merged, noted, type Seen, type Span, SPANS_MAX } from "../src/shared/model/history";
import { awaited, gravest, isNews, isPaused, isSafe, LOUD, PAUSE_MS_MAX, type Safe, SAFE_MS_MAX, type Said, settled } from "../src/shared/model/quiet";
import type { Notice } from "../src/shared/model/push";
import type { Word } from "../src/shared/model/trust";

vi.stubGlobal("self", {});
const { isSilent, shown } = await import("../src/worker/notices");

const NOW = 5_000;
const DAY = 86_400_000;
const safely = (said: Said): Safe => ({ ...said, atMs: NOW });
const said = (word: Word, sinceMs: number | null = 1_000): Said => ({ word, sinceMs });

describe("what is heard", () => {
  it("is a word that changes, not one that is renewed", () => {
    expect(isNews(said("none"), said("take_cover"), undefined, NOW)).toBe(true);
    expect(isNews(said("take_cover"), said("take_cover"), undefined, NOW)).toBe(false);
    expect(isNews(null, said("take_cover"), undefined, NOW)).toBe(false);
  });
  it("is another raid, also where the word is the same", () => {
    expect(isNews(said("take_cover"), said("take_cover", 2_000), undefined, NOW)).toBe(true);
  });
  it("is, for who is safe, nothing before something new comes: greater danger, another raid, the end", () => {
    const safe = safely(said("prepare"));
    expect(isNews(said("unknown"), said("prepare"), safe, NOW)).toBe(false);
    expect(isNews(said("prepare"), said("unknown"), safe, NOW)).toBe(false);
    expect(isNews(said("prepare"), said("take_cover"), safe, NOW)).toBe(true);
    expect(isNews(said("unknown"), said("prepare", 2_000), safe, NOW)).toBe(true);
    expect(isNews(said("prepare"), said("all_clear", 2_000), safe, NOW)).toBe(true);
    // Where nobody saw the raid's end, what was said in it does not silence the next.
    expect(isSafe(safely(said("take_cover")), said("prepare", 9_000), NOW)).toBe(true);
    expect(isSafe(safely(said("take_cover")), said("prepare", 9_000), NOW + SAFE_MS_MAX)).toBe(false);
  });
  it("is the release only when it is the release: who is not known to be clear is not told so", () => {
    expect(isSafe(safely(said("take_cover")), said("all_clear"), NOW)).toBe(false);
    expect(isNews(said("take_cover"), said("none"), undefined, NOW)).toBe(false);
  });
  it("is, of several places, the gravest", () => {
    expect([gravest(["all_clear", "take_cover", "unknown"]), gravest([])]).toEqual(["take_cover", null]);
  });
  it("is at most eight sounds in a night of forty renewals, six blind spells and two raids, for who says that he is safe", () => {
    let [before, quiet, sounds] = [said("none", null), LOUD, 0];
    const night: Said[] = [1_000, 2_000].flatMap((raid) => [
      ...Array.from({ length: 20 }, () => said("prepare", raid)),
      ...[said("unknown", raid), said("prepare", raid), said("unknown", raid), said("prepare", raid)],
      ...Array.from({ length: 20 }, () => said("take_cover", raid + 100)),
      ...[said("unknown", raid + 100), said("take_cover", raid + 100), said("all_clear", raid + 500), said("none", null)],
    ]);
    for (const now of night) {
      quiet = settled(quiet, [{ id: "a", zones: ["a"], word: now.word }]);
      if (isNews(before, now, quiet.safe.a, NOW)) {
        sounds += 1;
        if (now.word !== "all_clear") quiet = { ...quiet, safe: { a: safely(now) }, safeZones: ["a"] };
      }
      before = now;
    }
    expect(sounds).toBe(6);
  });
});

describe("a pause", () => {
  it("ends by itself, and a clock that was set back does not make it longer", () => {
    const quiet = { ...LOUD, pausedUntilMs: 10_000 };
    expect([isPaused(quiet, 9_999), isPaused(quiet, 10_000), isPaused(LOUD, 0)]).toEqual([true, false, false]);
    expect(isPaused({ ...LOUD, pausedUntilMs: PAUSE_MS_MAX + 2_000 }, 1_000)).toBe(false);
  });
  it("keeps what begins in it for its end, and nothing of what is over by then", () => {
    const of = (now: Said) => new Map([["a", now]]);
    const [calm, raid, over] = [said("none", null), said("take_cover"), said("all_clear", 2_000)];
    const heard = (last: ReadonlyMap<string, Said>, now: Said) => isNews(last.get("a") ?? null, now, undefined, NOW);
    expect(heard(awaited(awaited(of(calm), of(said("prepare", 500))), of(raid)), raid)).toBe(true);
    expect(heard(awaited(awaited(new Map(), of(raid)), of(raid)), raid)).toBe(true);
    expect(heard(awaited(of(raid), of(raid)), raid)).toBe(false);
    expect(heard(awaited(awaited(of(calm), of(raid)), of(over)), over)).toBe(false);
  });
  it("silences notifications but the test that is asked for; who is safe hears of new danger", () => {
    const notice = { tag: "a", title: "", body: "", zones: ["a"] };
    const paused = { ...LOUD, pausedUntilMs: 10_000 };
    const safe = { ...LOUD, safe: { a: { ...said("prepare"), atMs: DAY } }, safeZones: ["a"] };
    const prepare = { ...notice, level: "prepare" as const };
    expect(isSilent({ ...notice, level: "take_cover" }, paused, 0)).toBe(true);
    expect(isSilent({ ...notice, level: "test" }, paused, 0)).toBe(false);
    expect(isSilent({ ...notice, level: "take_cover" }, safe, DAY)).toBe(false);
    expect([isSilent(prepare, safe, DAY), isSilent(prepare, LOUD, DAY)]).toEqual([true, false]);
    // Nobody saw the raid's end: what was said in it does not silence the next, on a clock that was set back neither.
    expect([DAY + SAFE_MS_MAX, DAY - SAFE_MS_MAX].map((nowMs) => isSilent(prepare, safe, nowMs))).toEqual([false, false]);
    expect(isSafe(safe.safe.a, said("prepare"), DAY - SAFE_MS_MAX)).toBe(false);
  });
});

describe("a push", () => {
  const notice = { tag: "a", title: "Take cover", body: "", time: "2026-03-01T03:00:00Z" };
  interface Shown {
    readonly silent: boolean;
    readonly data: { readonly unheard: boolean };
  }
  const options: Shown[] = [];
  const arrived = async (there: readonly unknown[], caches: object): Promise<string[]> => {
    const titles: string[] = [];
    options.length = 0;
    const showNotification = async (title: string, shownAs: Shown) => void (titles.push(title), options.push(shownAs));
    const getNotifications = async ({ tag }: { tag?: string } = {}) => (tag === undefined ? there : []);
    vi.stubGlobal("self", { registration: { getNotifications, showNotification } });
    vi.stubGlobal("caches", caches);
    const notices = [
      { ...notice, tag: "b", level: "all_clear", title: "All clear", zones: ["b"] },
      { ...notice, level: "take_cover", zones: ["a"] },
    ];
    await shown({ json: () => ({ language: "en", notices }) } as never);
    return titles.sort();
  };
  const kept = async () => new Response(JSON.stringify({ ...LOUD, safeZones: ["b"] }));
  it("is shown on a device that is full", async () => {
    const put = () => Promise.reject(new Error("QuotaExceededError"));
    const told = await arrived([], { open: async () => ({ match: kept, put }) });
    expect(told).toEqual(["All clear", "Take cover"]);
  });
  it("that came in a pause says so to the next one", async () => {
    const pausedUntilMs = Date.now() + 1_000;
    const paused = async () => new Response(JSON.stringify({ ...LOUD, pausedUntilMs }));
    await arrived([], { open: async () => ({ match: paused, put: paused }) });
    expect(options.map(({ silent, data }) => [silent, data.unheard])).toEqual([[true, true], [true, true]]);
  });
  it("wakes eight times at most in a long night of four raids that are said again and again, and stands as one notification", async () => {
    const there = new Map<string, { data: Notice; close: () => void }>();
    let woken = 0;
    vi.stubGlobal("self", {
      registration: {
        getNotifications: async ({ tag }: { tag?: string } = {}) => [...there].filter(([one]) => tag === undefined || one === tag).map(([, one]) => one),
        showNotification: async (_title: string, how: { tag: string; data: Notice; silent: boolean; renotify: boolean }) => {
          // A browser wakes for what is new, and for what takes the place of another where it is told to.
          if (!how.silent && (!there.has(how.tag) || how.renotify)) woken += 1;
          there.set(how.tag, { data: how.data, close: () => there.delete(how.tag) });
        },
      },
    });
    vi.stubGlobal("caches", { open: async () => ({ match: async () => undefined }) });
    const push = (level: Notice["level"], minute: number) => {
      const time = new Date(Date.parse("2026-03-01T20:00:00Z") + minute * 60_000);
      const expires = new Date(time.getTime() + 10 * 60_000).toISOString();
      const notice = { tag: "a", level, title: level, body: "", time: time.toISOString(), expires, zones: ["a"] };
      return shown({ json: () => ({ language: "en", notices: [notice] }) } as never);
    };
    for (const raid of [0, 150, 300, 450]) {
      // Told anew every two minutes, as after restarts and by twins; push services keep no order.
      for (let minute = 0; minute < 60; minute += 2) await push("take_cover", raid + minute);
      await push("all_clear", raid + 60);
      await push("take_cover", raid + 58);
      await push("all_clear", raid + 60);
    }
    expect([woken, there.size, there.get("a")?.data.level]).toEqual([8, 1, "all_clear"]);
  });
  it("is shown beside a notification that is the browser's own", async () => {
    const told = await arrived([{ tag: "user_visible_auto_notification", data: null }], { open: async () => ({ match: kept, put: kept }) });
    expect(told).toEqual(["All clear", "Take cover"]);
  });
});

describe("the history of my places", () => {
  const seen = (word: Word, sinceMs: number): Seen[] => [{ place: "a", word, sinceMs, drill: false }];
  const span = (fromMs: number, toMs: number | null): Span => ({ place: "a", word: "take_cover", fromMs, toMs, drill: false });
  it("has no end without its start, and no end that nobody saw", () => {
    let spans = noted([], seen("all_clear", 500), 600);
    expect(spans).toEqual([]);
    spans = noted(spans, seen("take_cover", 1_000), 1_100);
    expect(noted(spans, seen("unknown", 1_000), 1_500)).toBe(spans);
    expect(noted(spans, seen("all_clear", 2_000), 2_050)).toEqual([span(1_000, 2_000)]);
  });
  it("is bounded in number and in time", () => {
    let spans: readonly Span[] = [];
    for (let i = 1; i <= 500; i++) spans = noted(noted(spans, seen("take_cover", i * 10), i * 10), seen("none", i * 10 + 5), i * 10 + 5);
    expect(spans.length).toBe(SPANS_MAX);
    expect(noted(spans, seen("prepare", KEPT_MS * 2), KEPT_MS * 2).length).toBe(1);
  });
  it("tells what device and service both saw once", () => {
    expect(merged([span(1_000, 2_000), span(900_000, null)], [span(1_500, 2_500)])).toEqual([span(900_000, null), span(1_500, 2_500)]);
  });
});
