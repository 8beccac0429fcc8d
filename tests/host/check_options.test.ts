/** Options as programs without types may pass them. Nothing is started for one that is wrong. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { attach, contract, inProcess, launch, PluginError, type StopOptions } from "../../mod.ts";
import { program } from "../support/life.ts";

type Wrong = readonly [options: unknown, kind: typeof TypeError | typeof RangeError, message: RegExp];

/** It would be found missing if the options were let pass. */
const entry = "/nowhere/plugin.ts";
const plain = launch as unknown as (entry: unknown, options?: unknown) => Promise<unknown>;
const within = inProcess as unknown as (served: unknown, options?: unknown) => Promise<unknown>;

describe("launch refuses", () => {
  const table: readonly Wrong[] = [
    [
      { provide: 5 },
      TypeError,
      /^option provide of launch must be an array, or an object of arrays by version, not 5$/,
    ],
    [{ provide: [5] }, TypeError, /cannot be served/],
    [{ contracts: ["kv"] }, TypeError, /^option contracts\[0\] of launch must be a contract, .*, not "kv"$/],
    [{ args: "x" }, TypeError, /^option args of launch must be an array of strings, not "x"$/],
    [{ args: ["x", 5] }, TypeError, /^option args\[1\] of launch must be a string, not 5$/],
    [{ transport: "tcp" }, TypeError, /^option transport of launch must be "unix" or "stdio", not "tcp"$/],
    [{ log: "loud" }, TypeError, /^option log of launch must be one of "trace", .*, a function, or false, not "loud"$/],
    [{ env: { A: 1 } }, TypeError, /^option env\.A of launch must be a string without NUL, not 1$/],
    [{ env: { "A=B": "1" } }, TypeError, /^option env.* must have names without = and NUL, not "A=B"$/],
    [{ name: 5 }, TypeError, /^option name of launch must be a string that is not empty, not 5$/],
    [{ runtime: 5 }, TypeError, /^option runtime of launch must be a string, not 5$/],
    [{ inheritEnv: "no" }, TypeError, /^option inheritEnv of launch must be true or false, not "no"$/],
    [{ signal: 5 }, TypeError, /^option signal of launch must be an AbortSignal, not 5$/],
    [{ stdout: 5 }, TypeError, /^option stdout of launch must be a function or a WritableStream, not 5$/],
    [{ startTimeoutMs: "1" }, TypeError, /^option startTimeoutMs of launch must be a number of milli.*, not "1"$/],
    [{ startTimeoutMs: Number.NaN }, RangeError, /startTimeoutMs .*0 or more, not NaN$/],
    [{ reattach: 5 }, TypeError, /^option reattach of launch must be true, false, or an object with .*, not 5$/],
    [
      { reattach: { maxOutputBytes: "1" } },
      TypeError,
      /maxOutputBytes .*a whole number of bytes, at least 1048576, not "1"$/,
    ],
    [{ reattach: { maxOutputBytes: 1_000 } }, RangeError, /maxOutputBytes .*at least 1048576, not 1000$/],
    [{ graceMs: -1 }, RangeError, /^option graceMs of launch must be a number of milliseconds, 0 or more, not -1$/],
    [{ versions: 3 }, TypeError, /^option versions of launch must be an object by protocol version, .*, not 3$/],
    [
      { versions: { 1: [contract("a")] } },
      TypeError,
      /^version 1 of option versions of launch must be an object of contracts, as in { greeter }, not an array$/,
    ],
    [{ versions: { one: {} } }, RangeError, /^option versions .*whole numbers from 1 to .*, not "one"$/],
    [
      { limits: { maxFrame: 1 } },
      TypeError,
      /^unknown option "maxFrame" of limits of launch; did you mean "maxFrameBytes"\?$/,
    ],
    [{ limits: { maxDepth: "9" } }, TypeError, /^option maxDepth of limits of launch must be a number, .*, not "9"$/],
    [{ handshake: { cookieKey: 5 } }, TypeError, /^option cookieKey of handshake of launch must be a string, not 5$/],
    [{ timeout: 5 }, TypeError, /^unknown option "timeout" of launch; did you mean "startTimeoutMs"\?$/],
    [{ timeoutMs: 5 }, TypeError, /^unknown option "timeoutMs" of launch; did you mean "startTimeoutMs"\?$/],
    [{ transprot: "stdio" }, TypeError, /^unknown option "transprot" of launch; did you mean "transport"\?$/],
    [null, TypeError, /^the options of launch must be an object, not null$/],
  ];
  for (const [options, kind, message] of table) {
    it(message.source, async () => {
      await assert.rejects(plain(entry, options), (error: unknown) => {
        assert.ok(error instanceof kind, String(error));
        assert.match(error.message, message);
        return true;
      });
    });
  }

  it("a runtime that there is not, by its own code", async () => {
    await assert.rejects(plain(entry, { runtime: "python" }), (error: unknown) => {
      assert.ok(error instanceof PluginError);
      assert.deepEqual([error.code, error.execution], ["unsupported_runtime", "none"]);
      assert.match(error.message, /runtime "python"; there is "node", "deno", "bun"; .* whole command/);
      return true;
    });
  });

  for (const wrong of [undefined, null, 5, {}]) {
    it(`the entry ${JSON.stringify(wrong)}`, async () => {
      await assert.rejects(plain(wrong), { name: "TypeError", message: /an entry must be a path, a URL or an array/ });
    });
  }
});

describe("stop refuses", () => {
  const table: readonly Wrong[] = [
    [{ graceMs: "5" }, TypeError, /^option graceMs of stop must be a number of milliseconds, 0 or more, not "5"$/],
    [{ graceMs: Number.NaN }, RangeError, /^option graceMs of stop .*0 or more, not NaN$/],
    [{ graceMs: -1 }, RangeError, /^option graceMs of stop .*0 or more, not -1$/],
    [{ grace: 5 }, TypeError, /^unknown option "grace" of stop; did you mean "graceMs"\?$/],
    [5, TypeError, /^the options of stop must be an object, not 5$/],
  ];
  const echo = contract<{ echo(text: string): string }>("echo");
  const served = echo.implement({ echo: (text) => text });

  it("what is no time, and stops nothing then", async () => {
    await using launched = await launch(program("plugin.ts"), { log: false });
    await using attached = await inProcess(served);
    for (const plugin of [launched, attached]) {
      const stop = (options: unknown): Promise<unknown> => plugin.stop(options as StopOptions);
      for (const [options, kind, message] of table) {
        await assert.rejects(stop(options), (error: unknown) => {
          assert.ok(error instanceof kind, String(error));
          assert.match(error.message, message);
          return true;
        });
      }
      assert.ok((await plugin.ping()) >= 0);
      await plugin.stop({ graceMs: undefined });
    }
  });
});

describe("attach refuses", () => {
  const join = attach as unknown as (info: unknown, options: unknown) => Promise<unknown>;
  for (const name of ["stdout", "stderr"]) {
    it(`${name} for a guest, who gets none`, async () => {
      const message = `${name} of attach does not go with guest: output is the owner's alone`;
      await assert.rejects(join({ plugwire: 1 }, { guest: true, [name]: () => {} }), { name: "TypeError", message });
    });
  }
});

describe("options without a process", () => {
  const table: readonly (readonly [served: unknown, options: unknown, message: RegExp])[] = [
    [[], { startTimeoutMs: 5 }, /^unknown option "startTimeoutMs" of inProcess/],
    [[], { log: "info" }, /^unknown option "log" of inProcess/],
    [[], 5, /^the options of inProcess must be an object, not 5$/],
    [{ versions: 3 }, {}, /^option versions of serve must be an object by protocol version/],
    [{ versions: { 1: 5 } }, {}, /^version 1 of serve must be an array of what is served, not 5$/],
    [{ versions: { 1: [] }, limit: {} }, {}, /^unknown option "limit" of serve; did you mean "limits"\?$/],
  ];
  for (const [served, options, message] of table) {
    it(`are refused: ${message.source}`, async () => {
      await assert.rejects(within(served, options), { name: "TypeError", message });
    });
  }

  it("may be undefined, which leaves them out", async () => {
    const echo = contract<{ echo(text: string): string }>("echo");
    const served = echo.implement({ echo: (text) => text });
    const nothing = { name: undefined, provide: undefined, versions: undefined, signal: undefined };
    await using plugin = await inProcess([served], { ...nothing, contracts: [echo] });
    assert.equal(await plugin.dispense(echo).echo("a"), "a");
  });
});
