import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as v from "valibot";
import {
  contract,
  DeclaredError,
  declaredError,
  ErrorCode,
  errorOrigin,
  isDeclaredError,
  method,
  PluginError,
  withOptions,
} from "../../mod.ts";
import { rejectsWith } from "../support/calls.ts";
import { currentRuntime } from "../support/runtimes.ts";
import { openPair, type SideOptions } from "./_sessions.ts";

const thrower = contract<{ run(): void }>("thrower");

/** JavaScriptCore knows it of async functions alone. */
const noSites = currentRuntime === "bun" ? "Bun cannot tell who awaits a promise" : false;

async function caught(promise: Promise<unknown>): Promise<unknown> {
  return await promise.then(
    () => assert.fail("nothing was thrown"),
    (error: unknown) => error,
  );
}

/** What arrives of something thrown by an implementation. */
async function arrived(make: () => unknown, options: SideOptions = {}): Promise<unknown> {
  const served = thrower.implement({
    run() {
      throw make();
    },
  });
  const { host, plugin } = openPair({}, { serves: [served], ...options });
  await host.opened;
  const error = await caught(host.dispense(thrower).run());
  host.close();
  await plugin.closed;
  return error;
}

async function arrivedError(make: () => unknown, options?: SideOptions): Promise<Error & Record<string, unknown>> {
  const error = await arrived(make, options);
  assert.ok(error instanceof Error, String(error));
  return error as Error & Record<string, unknown>;
}

class QuotaError extends RangeError {
  override readonly name = "QuotaError";
  readonly left = 3;
}

describe("what an implementation throws", () => {
  const classes = [EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError, Error];
  for (const Class of classes) {
    it(`is a ${Class.name} again`, async () => {
      const error = await arrivedError(() => new Class("m"));
      assert.equal(error.constructor, Class);
      assert.deepEqual([error.name, error.message, errorOrigin(error)], [Class.name, "m", "remote"]);
      assert.deepEqual(Object.keys(error), []);
    });
  }

  it("keeps the errors of an AggregateError", async () => {
    const error = await arrivedError(() => new AggregateError([new TypeError("a"), "b"], "both"));
    assert.ok(error instanceof AggregateError);
    assert.equal(error.message, "both");
    assert.ok(error.errors[0] instanceof TypeError);
    assert.equal(error.errors[1], "b");
  });

  for (const name of ["AbortError", "TimeoutError"]) {
    it(`is a DOMException again: ${name}`, async () => {
      const error = await arrivedError(() => new DOMException("gone", name));
      assert.ok(error instanceof DOMException);
      assert.deepEqual([error.name, error.message], [name, "gone"]);
    });
  }

  it("keeps a name of its own, the nearest class that both sides have, and its fields", async () => {
    const error = await arrivedError(() =>
      Object.assign(new QuotaError("used up"), { code: "EQUOTA", detail: { at: new Date(0), ids: [1n] } }),
    );
    assert.ok(error instanceof RangeError);
    assert.equal(String(error), "QuotaError: used up");
    assert.deepEqual(
      { ...error },
      { name: "QuotaError", left: 3, code: "EQUOTA", detail: { at: new Date(0), ids: [1n] } },
    );
  });

  it("keeps its chain of causes, and values that are no errors in it", async () => {
    const error = await arrivedError(() => new Error("a", { cause: new TypeError("b", { cause: { why: "c" } }) }));
    assert.ok(error.cause instanceof TypeError);
    assert.equal(error.cause.message, "b");
    assert.deepEqual(error.cause.cause, { why: "c" });
    assert.equal(Object.hasOwn(await arrivedError(() => new Error("a")), "cause"), false);
    const empty = await arrivedError(() => new Error("a", { cause: undefined }));
    assert.ok(Object.hasOwn(empty, "cause"));
  });

  it("arrives without what cannot cross, and says so where people look", async () => {
    class Socket {}
    const error = await arrivedError(() =>
      Object.assign(new Error("failed", { cause: Object.assign(new RangeError("why"), { f() {}, ok: 1 }) }), {
        code: "EFAIL",
        request: new Socket(),
        response: { status: 500 },
        big: "x".repeat(70_000),
      }),
    );
    assert.equal(error.message, "failed");
    assert.deepEqual({ ...error }, { code: "EFAIL", response: { status: 500 } });
    assert.ok(error.cause instanceof RangeError);
    assert.deepEqual({ ...error.cause }, { ok: 1 });
    assert.match(String(error.stack), /\(not sent: request: .*Socket/);
    assert.match(String(error.stack), /\(not sent: cause\.f: .*function/);
    assert.match(String(error.stack), /\(not sent: big: 70\d+ bytes/);
  });

  it("is cut where it is endless", async () => {
    const loop = new Error("loop");
    loop.cause = loop;
    let error: unknown = await arrivedError(() => loop);
    for (let depth = 0; depth <= 4; depth++) {
      assert.ok(error instanceof Error, `at ${depth}`);
      assert.equal(error.message, "loop");
      error = error.cause;
    }
    assert.equal(error, undefined);
    const long = await arrivedError(() => new TypeError("y".repeat(1_000_000)));
    assert.ok(long instanceof TypeError);
    assert.equal(long.message.length, 16_386);
  });

  it("arrives as some error when it cannot be looked at", async () => {
    const hostile = Object.defineProperty(new Error("x"), "message", {
      get() {
        throw new Error("no");
      },
    });
    const error = await arrivedError(() => hostile);
    assert.match(error.message, /did not arrive \(thrower\.run \(plugin tested\)\)/);
  });

  it("is no failure of the caller's call, whatever it is", async () => {
    for (const code of [ErrorCode.exited, ErrorCode.closed, ErrorCode.timeout]) {
      const error = await arrivedError(() => new PluginError(code, "of another", { execution: "none", exitCode: 3 }));
      assert.ok(!(error instanceof PluginError));
      assert.deepEqual([error.name, error.code, error.execution], ["PluginError", code, undefined]);
    }
  });

  for (const value of [undefined, null, 5, "text", Symbol.iterator, { a: 1 }, [1], new Map([[1, 2]])]) {
    it(`may be no error: ${typeof value === "symbol" ? "a symbol" : JSON.stringify(value)}`, async () => {
      const error = await arrived(() => value);
      if (typeof value === "symbol") assert.equal(error, "Symbol(Symbol.iterator)");
      else assert.deepEqual(error, value);
    });
  }
});

describe("a stack", () => {
  const make = (): Error => new TypeError("wrong");

  it("does not cross by default: it names what was called, and where", async () => {
    const { stack = "" } = await arrivedError(make);
    assert.match(stack, /^TypeError: wrong\n {4}at thrower\.run \(plugin tested\)/);
    assert.ok(!stack.includes("at make"), stack);
  });

  it("crosses when the side that throws says so, causes' too", async () => {
    const { stack = "", cause } = await arrivedError(() => new Error("outer", { cause: make() }), { sendStacks: true });
    const lines = stack.split("\n");
    const border = lines.indexOf("    at thrower.run (plugin tested)");
    assert.ok(border > 1, stack);
    assert.match(lines.slice(1, border).join("\n"), /errors\.test/);
    assert.match((cause as Error).stack ?? "", /^TypeError: wrong\n {4}at .*errors\.test/);
  });

  it("ends with who awaits the call, where the runtime can tell", { skip: noSites }, async () => {
    const served = thrower.implement({
      run() {
        throw make();
      },
    });
    const pass = async (_call: unknown, next: () => Promise<unknown>): Promise<unknown> => await next();
    for (const interceptors of [undefined, [pass]]) {
      const { host, plugin } = openPair({ interceptors }, { serves: [served] });
      await host.opened;
      async function whoCalls(): Promise<void> {
        await host.dispense(thrower).run();
      }
      const error = (await caught(whoCalls())) as Error;
      assert.match(
        error.stack ?? "",
        /at thrower\.run \(plugin tested\)\n(.*\n)* {4}at async whoCalls \(.*errors\.test/,
      );
      assert.ok(!/at async (?!pass|whoCalls)\w+ .*src\/rpc/.test(error.stack ?? ""), error.stack);
      const mistake = (await caught(
        (async function mistaken() {
          await (host.dispense(thrower).run as (value: unknown) => Promise<void>)(Symbol("no"));
        })(),
      )) as Error;
      assert.match(mistake.stack ?? "", /^PluginError: cannot send .*\n(.*\n)* {4}at async mistaken \(.*errors\.test/);
      host.close();
      await plugin.closed;
    }
  });

  it("does nothing to a terminal, whatever the message, which stays as it is", async () => {
    const text = "\u001b]0;owned\u0007\u001b[2Jfirst\nsecond\u202e";
    const error = await arrivedError(
      () => {
        const made = new Error(text, { cause: new Error(text) });
        made.stack = `Error\n    at \u001b[31mevil (\u0007x.ts:1:1)\nnot a frame\n${"    at again\n".repeat(200)}`;
        return made;
      },
      { sendStacks: true },
    );
    assert.equal(error.message, text);
    for (const { stack = "" } of [error, error.cause as Error]) {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is looked for
      assert.ok(!/[\u0000-\u0009\u000b-\u001f\u202e]/.test(stack), JSON.stringify(stack));
    }
    assert.match(error.stack ?? "", /first\nsecond\\u202e\n {4}at evil \(\\x07x\.ts:1:1\)/);
    assert.ok(!error.stack?.includes("not a frame"));
    assert.ok((error.stack?.split("\n").length ?? 0) < 70);
  });

  it("is not touched of a caller's own reason", async () => {
    const { host, plugin } = openPair(
      {},
      { serves: [thrower.implement({ run: () => new Promise(() => {}) as never })] },
    );
    await host.opened;
    const reason = new Error("mine");
    const before = reason.stack;
    const controller = new AbortController();
    const call = withOptions(host.dispense(thrower), { signal: controller.signal }).run();
    controller.abort(reason);
    assert.equal(await caught(call), reason);
    assert.equal(reason.stack, before);
    host.close();
    await plugin.closed;
  });
});

describe("an error that comes home", () => {
  let stack: string | undefined;
  const inner = contract<{ fail(): void }>("inner");
  const outer = contract<{ pass(): void; wrap(): void; keep(): void; again(): void }>("outer");

  async function withNested(
    test: (
      proxy: { pass(): Promise<void>; wrap(): Promise<void>; keep(): Promise<void>; again(): Promise<void> },
      thrown: object[],
    ) => Promise<void>,
  ): Promise<void> {
    const thrown: object[] = [];
    stack = undefined;
    let kept: unknown;
    const hostSide = inner.implement({
      fail() {
        const error = new RangeError("of the host");
        thrown.push(error);
        stack = error.stack;
        throw error;
      },
    });
    const pluginSide = outer.implement((peer) => {
      const host = peer.dispense(inner);
      return {
        pass: async () => await host.fail(),
        async wrap() {
          const cause = await caught(host.fail());
          throw new Error("wrapped", { cause });
        },
        async keep() {
          kept = await caught(host.fail());
        },
        again() {
          throw kept;
        },
      };
    });
    const { host, plugin } = openPair({ serves: [hostSide] }, { serves: [pluginSide] });
    await host.opened;
    await test(host.dispense(outer), thrown);
    assert.equal(host.errorsHome.size, 0);
    assert.equal(plugin.errorsHome.size, 0);
    host.close();
    await plugin.closed;
  }

  it("is the original, and was thrown here", async () => {
    await withNested(async (proxy, thrown) => {
      const error = await caught(proxy.pass());
      assert.equal(error, thrown[0]);
      assert.equal(errorOrigin(error), "local");
      assert.equal((error as Error).stack, stack);
    });
  });

  it("is a copy as a cause, with its message", async () => {
    await withNested(async (proxy) => {
      const error = (await caught(proxy.wrap())) as Error;
      assert.deepEqual([error.message, errorOrigin(error)], ["wrapped", "remote"]);
      assert.ok(error.cause instanceof RangeError);
      assert.equal(error.cause.message, "of the host");
    });
  });

  it("is a copy when nothing ran any more that it could come home by", async () => {
    await withNested(async (proxy, thrown) => {
      await proxy.keep();
      const error = (await caught(proxy.again())) as Error;
      assert.notEqual(error, thrown[0]);
      assert.ok(error instanceof RangeError);
      assert.equal(error.message, "of the host");
    });
  });
});

describe("a declared error", () => {
  const errors = { notFound: v.object({ id: v.pipe(v.number(), v.minValue(1)) }), busy: v.undefined() };
  const users = contract("users", { name: method([v.number()], v.string(), { errors }) });

  async function failing(make: () => unknown): Promise<unknown> {
    const served = users.implement({
      name() {
        throw make();
      },
    });
    const { host, plugin } = openPair({}, { serves: [served] });
    await host.opened;
    const error = await caught(host.dispense(users).name(7));
    host.close();
    await plugin.closed;
    return error;
  }

  it("arrives with its code and its checked data", async () => {
    const error = await failing(() => declaredError(errors, "notFound", { id: 7 }, "no user 7"));
    assert.ok(isDeclaredError(error, errors, "notFound"));
    assert.equal(error.data.id, 7);
    assert.deepEqual([error.message, error.name, errorOrigin(error)], ["no user 7", "DeclaredError", "remote"]);
    assert.match(error.stack ?? "", /^DeclaredError: no user 7\n {4}at users\.name \(plugin tested\)/);
  });

  it("says whose fault it is when its data is not what the contract says", async () => {
    const error = await failing(() => declaredError(errors, "notFound", { id: 0 }));
    assert.ok(error instanceof PluginError);
    assert.equal(error.code, "invalid_result");
    assert.match(error.message, /users\.name/);
    assert.ok(error.cause instanceof DeclaredError);
  });
});

describe("a failure", () => {
  it("of a code that is for this side alone to tell is unknown", async () => {
    const served = thrower.implement(() => {
      throw new PluginError("exited", "the plugin of the plugin", { execution: "none" });
    });
    const { host, plugin } = openPair({}, { serves: [served] });
    await host.opened;
    await rejectsWith(host.dispense(thrower).run(), "unknown", { rawCode: "exited" });
    host.close();
    await plugin.closed;
  });
});
