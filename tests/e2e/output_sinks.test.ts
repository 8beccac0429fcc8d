/** The sinks of a host for its plugin's stdout and stderr: byte for byte, whatever the sink does. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { contract, type LaunchOptions, launch, type OutputSink } from "../../mod.ts";
import { life } from "../fixtures/life/life.ts";
import type { Logs } from "../fixtures/life/logs.ts";
import { program, programPath, Records } from "../support/life.ts";

const logsContract = contract<Logs>("logs");
const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");

/** Every byte value, line ends of both kinds, and no newline at the end. */
const everything: Uint8Array = Uint8Array.from({ length: 200_003 }, (_, index) => (index * index + 7 * index) & 0xff);

/** Collects bytes, and can be waited for. */
class Bytes {
  readonly pieces: Uint8Array[] = [];
  #length = 0;
  #look: () => void = () => {};

  push(bytes: Uint8Array): void {
    this.pieces.push(bytes.slice());
    this.#length += bytes.length;
    this.#look();
  }

  async atLeast(count: number): Promise<Uint8Array> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#look = () => {
      if (this.#length >= count) resolve();
    };
    this.#look();
    await promise;
    return new Uint8Array(Buffer.concat(this.pieces));
  }
}

function asFunction(bytes: Bytes): OutputSink {
  return (chunk) => bytes.push(chunk);
}

function asStream(bytes: Bytes): OutputSink {
  return new WritableStream({ write: (chunk) => bytes.push(chunk) });
}

for (const [kind, sinkOf] of [
  ["a function", asFunction],
  ["a stream", asStream],
] as const) {
  test(`${kind} gets stdout and stderr byte for byte`, async () => {
    const out = new Bytes();
    const err = new Bytes();
    const options: LaunchOptions = { stdout: sinkOf(out), stderr: sinkOf(err), log: false };
    await using plugin = await launch(program("logs.ts"), options);
    const logs = plugin.dispense(logsContract);
    await Promise.all([logs.write(1, base64(everything)), logs.write(2, base64(everything))]);
    assert.deepEqual(await out.atLeast(everything.length), everything);
    assert.deepEqual(await err.atLeast(everything.length), everything);
  });
}

test("the line of the handshake is not output, what stands before and after it is", async () => {
  const out = new Bytes();
  const text = "before\\n1|1|unix|/tmp/no-such-directory/s|plugwire|\\nafter";
  const started = launch([programPath("says.sh"), text], { stdout: asFunction(out), log: false });
  await assert.rejects(started, { code: "connect_failed" });
  assert.equal(Buffer.concat(out.pieces).toString(), "before\nafter");
});

test("with a sink stdout is not logged, stderr is", async () => {
  const records = new Records();
  const options: LaunchOptions = { stdout: () => {}, stderr: () => {}, log: records.sink };
  {
    await using plugin = await launch(program("logs.ts"), options);
    const logs = plugin.dispense(logsContract);
    await logs.write(1, base64(new TextEncoder().encode("to stdout\n")));
    await logs.write(2, base64(new TextEncoder().encode("to stderr\n")));
    await records.message("to stderr");
  }
  assert.ok(!records.all.some(({ message }) => message === "to stdout"), records.text());
});

/** More than any pipe or buffer in between holds. */
const flood = 4_000_000;

const badSinks: readonly (readonly [what: string, sink: () => OutputSink, warning: RegExp | undefined])[] = [
  [
    "a function that throws",
    () => () => {
      throw new Error("no room");
    },
    /the sink for the plugin's stdout threw/,
  ],
  [
    "a stream that fails",
    () =>
      new WritableStream({
        write: () => {
          throw new Error("no room");
        },
      }),
    /the sink for the plugin's stdout gave up; what follows is read and dropped/,
  ],
  [
    "a stream that was closed by its owner's error",
    () => new WritableStream({ start: (controller) => controller.error(new Error("broken")) }),
    /the sink for the plugin's stdout gave up/,
  ],
  ["a stream that never takes", () => new WritableStream({ write: () => new Promise(() => {}) }), undefined],
];

for (const [what, sink, warning] of badSinks) {
  test(`${what} neither blocks the plugin nor hurts the host`, async () => {
    const records = new Records();
    await using plugin = await launch(program("plugin.ts"), { stdout: sink(), log: records.sink });
    const proxy = plugin.dispense(life);
    await proxy.flood(1, flood);
    assert.equal(await proxy.echo("still there"), "still there");
    if (warning === undefined) return;
    const warned = await records.find(({ message }) => warning.test(message));
    assert.equal(warned.level, "warn");
    const count = records.all.filter(({ message }) => warning.test(message)).length;
    assert.equal(count, 1, "said once, not with every piece");
  });
}

test("a stream that takes nothing gets at most 64 MiB to wait for it, and the host says what it dropped", async () => {
  const records = new Records();
  const sink = new WritableStream<Uint8Array>({ write: () => new Promise(() => {}) });
  await using plugin = await launch(program("plugin.ts"), { stdout: sink, log: records.sink });
  await plugin.dispense(life).flood(1, 80_000_000);
  const warned = await records.find(({ message }) => /is too slow; bytes are dropped/.test(message));
  assert.equal(warned.level, "warn");
});

for (const fd of [1, 2]) {
  test(`100 MB on ${fd === 1 ? "stdout" : "stderr"} are read while calls go on`, async () => {
    let lines = 0;
    let bytes = 0;
    const log = ({ message, source }: { message: string; source: string }): void => {
      if (source !== "life" || !message.startsWith("xxx")) return;
      lines++;
      bytes += message.length + 1;
    };
    await using plugin = await launch(program("plugin.ts"), { log });
    const proxy = plugin.dispense(life);
    await proxy.flood(fd, 100_000_000);
    assert.equal(await proxy.echo(1), 1);
    await plugin.stop();
    assert.equal(lines, 1_000_000);
    assert.equal(bytes, 100_000_000);
  });
}
