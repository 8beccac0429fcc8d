/** The programs of both sides in the recorded sessions: what is told of them in words, as code. */
import { bytes, type Contract, callback, contract, method, referenceTo, stream } from "../../src/contract/mod.ts";
import type { StandardSchema } from "../../src/contract/standard_schema.ts";
import type { Hello } from "../../src/hello/mod.ts";
import { makeHello } from "../../src/hello/mod.ts";
import { CloseCode } from "../../src/mux/mod.ts";
import type { Dispensed } from "../../src/rpc/mod.ts";
import { callContext, RpcSession, rpcEnvironment, withOptions } from "../../src/rpc/mod.ts";
import { detectRuntime } from "../../src/runtime/detect.ts";
import { defaultLimits } from "../../src/wire/mod.ts";
import type { HandLink } from "./_hand_link.ts";

type ContractOf<C> = C extends Contract<infer T, infer _> ? T : never;

export type Role = "host" | "plugin";

const text: StandardSchema<string> = {
  "~standard": {
    version: 1,
    vendor: "vectors",
    validate: (value) => (typeof value === "string" ? { value } : { issues: [{ message: "not a text" }] }),
  },
};
const number: StandardSchema<number> = {
  "~standard": {
    version: 1,
    vendor: "vectors",
    validate: (value) => (typeof value === "number" ? { value } : { issues: [{ message: "not a number" }] }),
  },
};

const signal: StandardSchema<AbortSignal> = {
  "~standard": {
    version: 1,
    vendor: "vectors",
    validate: (value) => (value instanceof AbortSignal ? { value } : { issues: [{ message: "not a signal" }] }),
  },
};

const greeter = contract("greeter", {
  greet: method([text], text),
  find: method([text], text),
  wait: method(),
  count: method([text], number),
  repeat: method([text, number], text),
  welcome: method([], text),
});
const names = contract("names", { next: method([], text) });
const board = contract("board", {
  each: method([callback([text], number)], number),
  same: method([callback([text], number)], callback([text], number)),
  names: method([], referenceTo(names)),
  wait: method([signal], text),
});

const tap = contract("tap", {
  primes: method([], stream(number)),
  ticks: method([], stream(number)),
  broken: method([], stream(number)),
  size: method([bytes()], number),
});

const servedBy = {
  host: [names.implement({ next: () => "Ada" })],
  plugin: [
    greeter.implement({
      greet: (name) => `Hello, ${name}!`,
      find: () => {
        const error = new RangeError("no such name", { cause: new Error("the list is empty") });
        throw Object.assign(error, { code: "E_NAME" });
      },
      wait: () => new Promise<void>((resolve) => callContext().signal.addEventListener("abort", () => resolve())),
      count: (given) => given.length,
      repeat: (given, times) => given.repeat(times),
      welcome: async () => `Hello, ${await callContext().peer.dispense(names).next()}!`,
    }),
    board.implement({
      each: async (visit) => (await visit("Ada")) + (await visit("Grace")),
      same: (given) => given,
      names: () => ({ next: () => "Ada" }),
      wait: async (given) => {
        if (!given.aborted) await new Promise((resolve) => given.addEventListener("abort", resolve, { once: true }));
        return String(given.reason);
      },
    }),
    tap.implement({
      async *primes() {
        yield* [2, 3, 5];
      },
      async *ticks() {
        const { signal } = callContext();
        yield* [1, 2];
        await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
      },
      async *broken() {
        yield 1;
        throw new RangeError("no more");
      },
      size: async (file) => {
        let size = 0;
        for await (const chunk of file) size += chunk.length;
        return size;
      },
    }),
  ],
} as const;

const nonces = { host: 0x10, plugin: 0x20 } as const;
const identities = {
  host: { instance: "1d0f6a0e-0b1c-4d2e-8f30-a1b2c3d4e5f6", pid: 1000, started: 1_767_225_600_000 },
  plugin: { instance: "2e1f7b1f-1c2d-4e3f-9041-b2c3d4e5f607", pid: 1001, started: 1_767_225_600_250 },
} as const;

/** The hello of a side: all of it fixed. */
export function recordedHello(role: Role, auth: boolean): Hello {
  const hello = makeHello({
    role,
    limits: defaultLimits,
    identity: identities[role],
    auth,
    versions: [1],
    version: role === "plugin" ? 1 : null,
    served: servedBy[role],
    owner: role === "host",
  });
  const nonce = Uint8Array.from({ length: 16 }, (_, i) => nonces[role] + i);
  return { ...hello, nonce, software: `vectors ${role}` };
}

/** One side of a recorded session. */
export class Side {
  readonly session: RpcSession;
  /** What its program got, in words. */
  readonly outcomes: string[] = [];
  readonly #cancelling = new AbortController();
  #greeter: ReturnType<typeof this.dispense> | undefined;
  #taps: Dispensed<ContractOf<typeof tap>> | undefined;
  #boards: Dispensed<ContractOf<typeof board>> | undefined;

  static async open(role: Role, link: HandLink, secret: Uint8Array | undefined): Promise<Side> {
    return new Side(role, link, secret, rpcEnvironment(await detectRuntime()));
  }

  private constructor(
    role: Role,
    link: HandLink,
    secret: Uint8Array | undefined,
    environment: ReturnType<typeof rpcEnvironment>,
  ) {
    this.session = new RpcSession(link, {
      role,
      limits: defaultLimits,
      environment,
      peerName: "the other side",
      secret,
      hello: () => recordedHello(role, secret !== undefined),
      serve: () => servedBy[role],
    });
    this.session.start();
    void this.session.closed.then((error) => {
      if (error !== undefined) this.outcomes.push(`the session: ${error.code}`);
    });
  }

  dispense() {
    return this.session.dispense(greeter);
  }

  get #board() {
    this.#boards ??= this.session.dispense(board);
    return this.#boards;
  }

  /** Does what a step says. */
  async do(what: string): Promise<void> {
    const action = this.#actions[what];
    if (action === undefined) throw new Error(`no program does ${JSON.stringify(what)}`);
    await this.session.opened;
    action();
  }

  get #proxy() {
    this.#greeter ??= this.dispense();
    return this.#greeter;
  }

  readonly #actions: Readonly<Record<string, () => void>> = {
    'calls greet("World")': () => this.#note(this.#proxy.greet("World")),
    'calls greet("World") with 1000 ms and metadata { trace: "7" }': () =>
      this.#note(withOptions(this.#proxy, { timeoutMs: 1_000, metadata: { trace: "7" } }).greet("World")),
    'calls find("nobody")': () => this.#note(this.#proxy.find("nobody")),
    "calls wait()": () => this.#note(withOptions(this.#proxy, { signal: this.#cancelling.signal }).wait()),
    'cancels it with Error("enough")': () => this.#cancelling.abort(new Error("enough")),
    "calls count() of 102,400 times a": () => this.#note(this.#proxy.count("a".repeat(102_400))),
    'calls repeat("a", 102400)': () => this.#note(this.#proxy.repeat("a", 102_400)),
    "calls welcome()": () => this.#note(this.#proxy.welcome()),
    "calls each() with a function that gives the length of a text": () =>
      this.#note(this.#board.each((name) => name.length)),
    "calls same() with a function, and notes whether it is itself": () => {
      const given = (name: string): number => name.length;
      this.#note(Promise.resolve(this.#board.same(given)).then((back: unknown) => back === given));
    },
    "calls next() of what names() is going to give, then lets go of that": () => {
      const given = this.#board.names();
      this.#note(given.next());
      void given.then((held) => held[Symbol.dispose]());
    },
    "calls wait() with a signal": () => this.#note(this.#board.wait(this.#cancelling.signal)),
    'aborts the signal with "enough"': () => this.#cancelling.abort("enough"),
    "reads all of primes()": () => this.#note(this.#read(this.#tap.primes())),
    "reads two of ticks(), then breaks": () => this.#note(this.#read(this.#tap.ticks(), 2)),
    "reads broken()": () => this.#note(this.#read(this.#tap.broken())),
    "calls size() with a stream of 3 bytes": () => this.#note(this.#tap.size(new Blob(["abc"]).stream())),
    "drops greeter": () => this.#proxy[Symbol.dispose](),
    "drains the session, then closes it": () => void this.session.drain().then(() => this.session.close()),
    "closes the session": () => this.session.close(),
    "lets go of the plugin, which is to live on": () =>
      void this.session.drain().then(() => this.session.close(undefined, CloseCode.detached)),
    "hands over to another host": () =>
      void this.session.drain(CloseCode.superseded).then(() => this.session.close(undefined, CloseCode.superseded)),
  };

  get #tap() {
    this.#taps ??= this.session.dispense(tap);
    return this.#taps;
  }

  async #read(items: AsyncIterable<number>, most = Number.POSITIVE_INFINITY): Promise<number[]> {
    const read: number[] = [];
    for await (const item of items) {
      read.push(item);
      if (read.length === most) break;
    }
    return read;
  }

  #note(call: Promise<unknown>): void {
    call.then(
      (value) => this.outcomes.push(summary(value)),
      (error: Error & { code?: unknown }) => this.outcomes.push(`${error.name}: ${error.message}`),
    );
  }
}

function summary(value: unknown): string {
  const shown = JSON.stringify(value) ?? "undefined";
  return shown.length > 100 ? `${shown.length - 2} characters` : shown;
}
