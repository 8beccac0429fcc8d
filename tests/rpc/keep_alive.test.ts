import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { PluginError } from "../../mod.ts";
import { KeepAlive } from "../../src/rpc/mod.ts";
import { memoryLinks } from "../../src/transport/mod.ts";

/** A clock that is moved by hand, and one timer at a time. */
class Clock {
  nowMs = 0;
  #timers: { readonly dueMs: number; readonly callback: () => void }[] = [];

  now = (): number => this.nowMs;

  setTimer = (callback: () => void, delayMs: number): { cancel(): void } => {
    const timer = { dueMs: this.nowMs + delayMs, callback };
    this.#timers.push(timer);
    return {
      cancel: () => {
        this.#timers = this.#timers.filter((other) => other !== timer);
      },
    };
  };

  get size(): number {
    return this.#timers.length;
  }

  /** Time passes, and timers fire when they are due. */
  pass(ms: number): void {
    const endMs = this.nowMs + ms;
    for (;;) {
      const next = this.#timers.filter(({ dueMs }) => dueMs <= endMs).sort((a, b) => a.dueMs - b.dueMs)[0];
      if (next === undefined) break;
      this.nowMs = Math.max(this.nowMs, next.dueMs);
      this.#fire(next);
    }
    this.nowMs = endMs;
  }

  /** Time passes while this process is stopped: what is due fires late, at once. */
  stall(ms: number): void {
    this.nowMs += ms;
    for (const timer of [...this.#timers]) if (timer.dueMs <= this.nowMs) this.#fire(timer);
  }

  #fire(timer: { readonly callback: () => void }): void {
    this.#timers = this.#timers.filter((other) => other !== timer);
    timer.callback();
  }
}

class Watched {
  pings = 0;
  error: PluginError | undefined;
  readonly #closed: PromiseWithResolvers<void> = Promise.withResolvers();

  ping = (): Promise<number> => {
    this.pings++;
    return new Promise(() => {});
  };

  destroy = (error?: PluginError): void => {
    this.error = error;
    this.close();
  };

  close = (): void => this.#closed.resolve();

  get closed(): Promise<void> {
    return this.#closed.promise;
  }
}

function watch(): { clock: Clock; session: Watched; hear: () => void } {
  const clock = new Clock();
  const keepAlive = new KeepAlive(clock, { intervalMs: 1_000, timeoutMs: 500 });
  const [near, far] = memoryLinks();
  let hear = (): void => {};
  // The handler that the wrapped link gives to the one below is what hears.
  const below = {
    ...near,
    name: "below",
    start: (handler: { bytes(chunk: Uint8Array): void }) => (hear = () => handler.bytes(new Uint8Array(1))),
  };
  keepAlive.over(below as never).start({ bytes() {}, end() {}, drain() {}, closed() {} });
  near.destroy();
  far.destroy();
  const session = new Watched();
  keepAlive.watch(session, "plugin x");
  return { clock, session, hear: () => hear() };
}

describe("a connection over a network", () => {
  it("is asked for a word after the interval, and broken when there is none", () => {
    const { clock, session } = watch();
    clock.pass(999);
    assert.equal(session.pings, 0);
    clock.pass(1);
    assert.equal(session.pings, 1);
    clock.pass(499);
    assert.equal(session.error, undefined);
    clock.pass(1);
    const error = session.error as PluginError | undefined;
    assert.equal(error?.code, "transport");
    assert.match(error.message, /plugin x did not answer a ping within 500 ms/);
  });

  it("is not asked while anything comes", () => {
    const { clock, session, hear } = watch();
    for (let i = 0; i < 50; i++) {
      clock.pass(400);
      hear();
    }
    assert.equal(session.pings, 0);
    assert.equal(session.error, undefined);
  });

  it("goes on when anything came after the ping, be it no answer", () => {
    const { clock, session, hear } = watch();
    for (let i = 0; i < 5; i++) {
      clock.pass(1_100);
      hear();
      clock.pass(400);
    }
    assert.equal(session.error, undefined);
    assert.ok(session.pings >= 4, `${session.pings} pings`);
  });

  it("is not judged by a process that was stopped itself", () => {
    const { clock, session, hear } = watch();
    clock.pass(1_000);
    clock.stall(60_000);
    assert.equal(session.error, undefined);
    hear();
    clock.pass(500);
    assert.equal(session.error, undefined);
    clock.pass(1_500);
    assert.ok(session.error !== undefined);
  });

  it("is let go of when the session is over", async () => {
    const { clock, session } = watch();
    session.close();
    await session.closed;
    await Promise.resolve();
    assert.equal(clock.size, 0);
  });
});
