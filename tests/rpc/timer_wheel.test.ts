import assert from "node:assert/strict";
import { it } from "node:test";
import { TimerWheel } from "../../src/rpc/timer_wheel.ts";

/** A clock that stands still until it is told to go on. */
class FakeClock {
  nowMs = 0;
  readonly timers: Set<{ atMs: number; callback: () => void }> = new Set();
  set = 0;

  readonly scheduler = {
    now: () => this.nowMs,
    defer: queueMicrotask,
    setTimer: (callback: () => void, delayMs: number) => {
      const timer = { atMs: this.nowMs + delayMs, callback };
      this.timers.add(timer);
      this.set++;
      return { cancel: () => void this.timers.delete(timer) };
    },
  };

  advance(toMs: number): void {
    this.nowMs = toMs;
    for (const timer of this.timers) {
      if (timer.atMs > toMs) continue;
      this.timers.delete(timer);
      timer.callback();
    }
  }
}

it("has one timer for all deadlines, and none when none is set", () => {
  const clock = new FakeClock();
  const wheel = new TimerWheel(clock.scheduler);
  const all = Array.from({ length: 1_000 }, (_, n) => wheel.set(1_000 + n, () => {}));
  assert.equal(clock.timers.size, 1);
  assert.equal(wheel.size, 1_000);
  for (const one of all) wheel.clear(one);
  for (const one of all) wheel.clear(one);
  assert.equal(clock.timers.size, 0);
  assert.equal(wheel.size, 0);
  assert.equal(clock.set, 1);
});

it("is never early, and at most a few ms late", () => {
  const clock = new FakeClock();
  const wheel = new TimerWheel(clock.scheduler);
  const late = new Map<number, number>();
  for (const delayMs of [0, 1, 7, 8, 9, 100, 101.5, 5_000]) {
    wheel.set(delayMs, () => late.set(delayMs, clock.nowMs - delayMs));
  }
  for (let nowMs = 0; nowMs <= 5_010; nowMs++) clock.advance(nowMs);
  assert.equal(late.size, 8);
  for (const [delayMs, byMs] of late) assert.ok(byMs >= 0 && byMs <= 9, `${delayMs} ms was ${byMs} ms late`);
  assert.equal(clock.timers.size, 0);
});

it("goes round again for waits that are longer than a timer can be, or for ever", () => {
  const clock = new FakeClock();
  const wheel = new TimerWheel(clock.scheduler);
  let expired = 0;
  wheel.set(2 ** 33, () => expired++);
  const never = wheel.set(Number.POSITIVE_INFINITY, () => expired++);
  for (let round = 1; round <= 4; round++) clock.advance(round * 0x7fff_ffff);
  assert.equal(expired, 0);
  clock.advance(2 ** 33 + 8);
  assert.equal(expired, 1);
  wheel.clear(never);
  assert.equal(clock.timers.size + wheel.size, 0);
});

it("does not call what another one that is due with it has cleared", () => {
  const clock = new FakeClock();
  const wheel = new TimerWheel(clock.scheduler);
  const told: string[] = [];
  wheel.set(8, () => {
    told.push("first");
    wheel.clear(second);
  });
  const second = wheel.set(8, () => told.push("second"));
  clock.advance(16);
  assert.deepEqual(told, ["first"]);
});

it("sets deadlines anew from within one", () => {
  const clock = new FakeClock();
  const wheel = new TimerWheel(clock.scheduler);
  let count = 0;
  const again = (): void => {
    if (++count < 5) wheel.set(8, again);
  };
  wheel.set(8, again);
  for (let nowMs = 0; nowMs < 100; nowMs++) clock.advance(nowMs);
  assert.equal(count, 5);
  assert.equal(clock.timers.size, 0);
});

it("lets a process that was stopped work off what it was sent, before it calls anything late", () => {
  const clock = new FakeClock();
  const wheel = new TimerWheel(clock.scheduler);
  const over: string[] = [];
  const answered = wheel.set(100, () => over.push("answered"));
  wheel.set(200, () => over.push("late"));
  clock.advance(5_000);
  assert.equal(over.length, 0);
  wheel.clear(answered);
  wheel.set(10, () => over.push("later"));
  clock.advance(5_049);
  assert.equal(over.length, 0);
  clock.advance(5_051);
  assert.deepEqual(over, ["late", "later"]);
  assert.equal(clock.timers.size, 0);
  wheel.clear(wheel.set(100, () => {}));
  assert.equal(clock.timers.size, 0);
});
