/** What a trace tells of a session, and what it never tells. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as v from "valibot";
import { attach, contract, type Link, method, reference, serveOver, stream } from "../../mod.ts";
import { createLogger, type LogRecord } from "../../src/log/mod.ts";
import { detectRuntime } from "../../src/runtime/detect.ts";
import { type TraceEvent, traceLink, traceText } from "../../src/trace/mod.ts";
import { memoryLinks } from "../../src/transport/mod.ts";

const marker = "MARKER-of-what-is-sent";

const tools = contract("tools", {
  greet: method([v.string()], v.string()),
  count: method([v.number()], stream(v.string())),
  fails: method([v.string()], v.string()),
  bytes: method([v.instance(Uint8Array)], v.number()),
});
const loose = contract<{ open(word: string): { say(word: string): string }; each(say: (word: string) => void): void }>(
  "loose",
);

const served = [
  tools.implement({
    greet: (name) => `Hello, ${name}!`,
    async *count(many) {
      for (let i = 0; i < many; i++) yield `${marker} ${i}`;
    },
    fails: (word) => {
      throw new RangeError(`${marker} ${word}`);
    },
    bytes: (bytes) => bytes.length,
  }),
  loose.implement({
    open: (word) => reference({ say: (more: string) => `${word} ${more}` }),
    each: async (say) => {
      await say(marker);
    },
  }),
];

interface Traced extends AsyncDisposable {
  readonly plugin: Awaited<ReturnType<typeof attach>>;
  readonly events: TraceEvent[];
  lines(): string[];
}

async function traced(cut: (link: Link) => Link = (link) => link): Promise<Traced> {
  const runtime = await detectRuntime();
  const [hostEnd, pluginEnd] = memoryLinks();
  const over = serveOver(pluginEnd, ...served);
  const events: TraceEvent[] = [];
  const log = createLogger({ source: "", sink: () => {} });
  const link = traceLink(cut(hostEnd), { peer: "tools", trace: (event) => void events.push(event), log, runtime });
  const plugin = await attach(link);
  return {
    plugin,
    events,
    lines: () => events.map(traceText),
    async [Symbol.asyncDispose]() {
      await plugin.stop();
      await over;
    },
  };
}

/** The same link, which delivers its bytes one at a time. */
function byteByByte(link: Link): Link {
  return {
    name: link.name,
    start: (handler) =>
      link.start({
        bytes: (chunk) => {
          for (let at = 0; at < chunk.length; at++) handler.bytes(chunk.slice(at, at + 1));
        },
        end: () => handler.end(),
        drain: () => handler.drain(),
        closed: (error) => handler.closed(error),
      }),
    write: (bytes) => link.write(bytes),
    end: () => link.end(),
    destroy: (reason) => link.destroy(reason),
    pause: () => link.pause(),
    resume: () => link.resume(),
  };
}

function without(lines: readonly string[], ...types: readonly string[]): string[] {
  return lines.filter((line) => !types.some((type) => line.includes(type)));
}

describe("a trace", () => {
  it("names calls and replies by contract and method, each way", async () => {
    await using session = await traced();
    await session.plugin.dispense(tools).greet("World");
    assert.deepEqual(without(session.lines(), "HELLO", "PREFACE"), [
      "→ CONTROL 9 B dispense tools",
      "→ DATA #1 OPEN END 16 B call tools.greet",
      "← DATA #1 END 17 B returned tools.greet",
    ]);
  });

  it("tells the same of bytes that come one at a time", async () => {
    const all: string[][] = [];
    for (const cut of [undefined, byteByByte]) {
      await using session = await traced(cut);
      await session.plugin.dispense(tools).greet("World");
      all.push(without(session.lines(), "HELLO"));
    }
    assert.deepEqual(all[0]?.toSorted(), all[1]?.toSorted());
  });

  it("says that a call threw, and the code of what Plugwire could not do", async () => {
    await using session = await traced();
    const proxy = session.plugin.dispense(tools);
    await assert.rejects(proxy.fails("x"));
    const wrong = session.plugin.dispense(contract<{ greet(n: number): void }>("tools"));
    await assert.rejects(async () => await wrong.greet(5));
    const replies = session.events.filter(({ what }) => what === "reply");
    assert.deepEqual(
      replies.map(({ method, status, code }) => [method, status, code]),
      [
        ["fails", "threw", undefined],
        ["greet", "failed", "invalid_argument"],
      ],
    );
  });

  it("names the reading of streams, what is called by reference, and what is dropped", async () => {
    await using session = await traced();
    const proxy = session.plugin.dispense(tools);
    const items: string[] = [];
    for await (const item of await proxy.count(2)) items.push(item);
    assert.equal(items.length, 2);
    const opened = await session.plugin.dispense(loose).open("a");
    await opened.say("b");
    await session.plugin.dispense(loose).each(() => {});
    const lines = session.lines();
    assert.ok(
      lines.some((line) => /^← DATA #\d+ .*item reference 0/.test(line)),
      lines.join("\n"),
    );
    assert.ok(
      lines.some((line) => /^→ DATA #\d+ OPEN END \d+ B call reference \d+\.say$/.test(line)),
      lines.join("\n"),
    );
    // The plugin calls back: streams of even numbers are its own.
    assert.ok(
      lines.some((line) => /^← DATA #2 OPEN END \d+ B call reference \d+$/.test(line)),
      lines.join("\n"),
    );
    assert.ok(
      lines.some((line) => /^→ DATA #2 END \d+ B returned reference \d+$/.test(line)),
      lines.join("\n"),
    );
  });

  it("says of a message in parts how long the whole is", async () => {
    await using session = await traced();
    assert.equal(await session.plugin.dispense(tools).bytes(new Uint8Array(200_000)), 200_000);
    const [first, ...rest] = session.events.filter(({ type, direction }) => type === "DATA" && direction === "out");
    assert.equal(first?.what, "call");
    assert.deepEqual(first?.flags, ["OPEN", "MORE"]);
    assert.ok((first?.bytes ?? 0) > 200_000);
    assert.ok(rest.length > 1 && rest.every(({ what, method }) => what === "part" && method === "bytes"));
    assert.deepEqual(rest.at(-1)?.flags, ["END"]);
  });

  it("says why a call was given up", async () => {
    await using session = await traced();
    const proxy = session.plugin.dispense(tools);
    const reading = (await proxy.count(1_000_000))[Symbol.asyncIterator]();
    await reading.next();
    await reading.return?.();
    await session.plugin.stop();
    const resets = session.events.filter(({ type }) => type === "RESET");
    assert.ok(
      resets.some(({ direction, flags, code }) => direction === "out" && flags.includes("STOP") && code === "done"),
    );
    const goAways = session.events.filter(({ type }) => type === "GOAWAY");
    assert.ok(goAways.some(({ flags }) => flags.includes("DRAIN")));
    assert.deepEqual([session.lines().at(-1)], ["← CLOSED"]);
  });

  it("holds nothing of what was sent, thrown or aborted with", async () => {
    await using session = await traced();
    const proxy = session.plugin.dispense(tools);
    await proxy.greet(marker);
    await assert.rejects(proxy.fails(marker), (error: Error) => error.message.includes(marker));
    for await (const item of await proxy.count(3)) assert.ok(item.includes(marker));
    await proxy.bytes(new TextEncoder().encode(marker.repeat(10_000)));
    await (await session.plugin.dispense(loose).open(marker)).say(marker);
    await session.plugin
      .dispense(loose)
      .each(() => {
        throw new TypeError(marker);
      })
      .catch(() => {});
    const reading = (await proxy.count(9_999_999))[Symbol.asyncIterator]();
    await reading.next();
    await reading.throw?.(new Error(marker)).catch(() => {});
    await session.plugin.stop();
    const text = JSON.stringify(session.events) + session.lines().join("\n");
    assert.ok(session.events.length > 30);
    assert.ok(!text.includes(marker), text.slice(Math.max(0, text.indexOf(marker) - 200), text.indexOf(marker) + 40));
  });

  it("survives what its taker throws, and is the link itself when nobody asked", async () => {
    const runtime = await detectRuntime();
    const log = createLogger({ source: "", sink: () => {} });
    const [hostEnd, pluginEnd] = memoryLinks();
    assert.equal(traceLink(hostEnd, { peer: "x", trace: undefined, log, runtime }), hostEnd);
    assert.equal(traceLink(hostEnd, { peer: "x", trace: false, log, runtime }), hostEnd);
    const over = serveOver(pluginEnd, ...served);
    const trace = (): void => {
      throw new Error("from the taker");
    };
    const plugin = await attach(traceLink(hostEnd, { peer: "x", trace, log, runtime }));
    assert.equal(await plugin.dispense(tools).greet("you"), "Hello, you!");
    await plugin.stop();
    await over;
  });

  it("goes to the log at level trace when it is asked for by true", async () => {
    const runtime = await detectRuntime();
    const records: LogRecord[] = [];
    const log = createLogger({ source: "plugwire.x", sink: (record) => void records.push(record) });
    const [hostEnd, pluginEnd] = memoryLinks();
    const over = serveOver(pluginEnd, ...served);
    const plugin = await attach(traceLink(hostEnd, { peer: "x", trace: true, log, runtime }));
    await plugin.stop();
    await over;
    assert.ok(records.length > 4);
    assert.ok(records.every(({ level }) => level === "trace"));
    assert.ok(records.some(({ message }) => /^→ HELLO \d+ B$/.test(message)));
  });
});
