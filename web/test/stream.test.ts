import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { retryDelayMs, Stream } from "../src/shared/model/stream";

const PULSE = '{"now":"2026-01-01T00:00:00Z","picture_at":null,"degraded":false}';
const STATE = `${PULSE.slice(0, -1)},"drill":false,"seq":1,"zones":[]}`;

class FakeSource extends EventTarget {
  readyState = 1;
  closed = false;
  close(): void {
    this.closed = true;
  }
  say(event: string, data: string): void {
    this.dispatchEvent(new MessageEvent(event, { data }));
  }
}

describe("the line to the service", () => {
  let opened: FakeSource[] = [];
  const listener = { state: vi.fn(), zones: vi.fn(), pulse: vi.fn() };
  let stream: Stream;

  beforeEach(() => {
    vi.useFakeTimers();
    vi.spyOn(console, "warn").mockImplementation(() => {});
    opened = [];
    stream = new Stream("/v1/events", listener, {
      open: () => {
        const source = new FakeSource();
        opened.push(source);
        return source as unknown as EventSource;
      },
      monotonicMs: () => Date.now(),
      chance: () => 0.5,
    });
    stream.start();
  });
  afterEach(() => {
    stream.stop();
    vi.useRealTimers();
    vi.clearAllMocks();
  });
  const last = () => opened.at(-1) as FakeSource;

  it("hands on what it hears", () => {
    last().say("state", STATE);
    last().say("pulse", PULSE);
    expect(listener.state).toHaveBeenCalledOnce();
    expect(listener.pulse).toHaveBeenCalledOnce();
  });
  it("stays on a line that pulses, and leaves one that is silent", () => {
    last().say("state", STATE);
    for (let s = 0; s < 20; s++) {
      vi.advanceTimersByTime(1_000);
      last().say("pulse", PULSE);
    }
    expect(opened).toHaveLength(1);
    vi.advanceTimersByTime(8_000);
    expect(opened).toHaveLength(2);
    expect(opened[0]?.closed).toBe(true);
  });
  it("does not take nonsense for a sign of life", () => {
    for (let s = 0; s < 8; s++) {
      vi.advanceTimersByTime(1_000);
      last().say("pulse", "{}");
    }
    expect(opened.length).toBeGreaterThan(1);
    expect(listener.pulse).not.toHaveBeenCalled();
  });
  it("comes back ever more slowly while it is refused, and at once when told to hurry", () => {
    for (let s = 0; s < 120; s++) {
      if (!last().closed) last().dispatchEvent(new Event("error"));
      vi.advanceTimersByTime(1_000);
    }
    expect(opened.length).toBeGreaterThan(5);
    expect(opened.length).toBeLessThan(20);
    last().dispatchEvent(new Event("error"));
    const before = opened.length;
    stream.hurry();
    expect(opened).toHaveLength(before + 1);
  });
  it("does not believe a line that has lost something on the way", () => {
    const numbered = (seq: number) => `${PULSE.slice(0, -1)},"seq":${seq}}`;
    last().say("pulse", PULSE);
    expect(last().closed).toBe(true);
    vi.advanceTimersByTime(2_000);
    last().say("state", STATE);
    last().say("pulse", numbered(1));
    last().say("zones", `${numbered(5).slice(0, -1)},"zones":[]}`);
    last().say("pulse", numbered(5));
    expect(listener.pulse).toHaveBeenCalledTimes(2);
    last().say("pulse", numbered(7));
    expect(listener.pulse).toHaveBeenCalledTimes(2);
    expect(last().closed).toBe(true);
  });
  it("ignores what an abandoned line still says", () => {
    const old = last();
    old.dispatchEvent(new Event("error"));
    vi.advanceTimersByTime(2_000);
    old.say("pulse", PULSE);
    expect(listener.pulse).not.toHaveBeenCalled();
  });
  it("opens no line after it was stopped", () => {
    last().dispatchEvent(new Event("error"));
    stream.stop();
    vi.advanceTimersByTime(60_000);
    expect(opened).toHaveLength(1);
  });
  it("spreads phones over half the delay and never waits longer than a quarter of a minute", () => {
    expect([retryDelayMs(0, 0), retryDelayMs(0, 1), retryDelayMs(3, 1), retryDelayMs(1_000, 1)]).toEqual([
      500, 1_000, 8_000, 15_000,
    ]);
  });
});
