import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { contract, type LogRecord, launch, type Plugin, PluginError, withOptions } from "../../mod.ts";
import { countResources, type Resources, resourcesBackTo } from "../support/resources.ts";
import { assertSame } from "../values/_same.ts";

const script = fileURLToPath(new URL("./independent_plugin.py", import.meta.url));
const vectorScript = fileURLToPath(new URL("./independent_vectors.py", import.meta.url));
const cbor2Script = fileURLToPath(new URL("./cbor2_vectors.py", import.meta.url));
const hasPython = spawnSync("python3", ["-c", "import sys; sys.exit(sys.version_info < (3, 8))"]).status === 0;
const skip = hasPython ? false : "no python3 of 3.8 or newer is installed";

const hasCbor2 = hasPython && spawnSync("python3", ["-c", "import cbor2"]).status === 0;

interface Greeter {
  greet(name: string): string;
  echo<T>(value: T): T;
  fail(): void;
  wait(): void;
  welcome(): string;
}
const greeter = contract<Greeter>("greeter");
const names = contract<{ next(): string }>("names").implement({ next: () => "Ada" });

describe("the vectors", { skip }, () => {
  it("hold for an implementation of its own, in Python", () => {
    const { status, stdout, stderr } = spawnSync("python3", ["-B", vectorScript], { encoding: "utf8" });
    assert.equal(status, 0, `${stdout}${stderr}`);
    assert.match(stdout, /^\d+ vectors hold$/m);
  });

  it("are items of CBOR to cbor2", { skip: hasCbor2 ? false : "Python has no cbor2 (pip install cbor2)" }, () => {
    const { status, stdout, stderr } = spawnSync("python3", ["-B", cbor2Script], { encoding: "utf8" });
    assert.equal(status, 0, `${stdout}${stderr}`);
    assert.match(stdout, /^\d{3,} vectors hold$/m);
  });
});

for (const transport of ["unix", "stdio"] as const) {
  describe(`a plugin written in Python from the specification alone, over ${transport}`, { skip }, () => {
    let plugin: Plugin;
    let resources: Resources;
    const records: LogRecord[] = [];

    before(async () => {
      resources = countResources();
      plugin = await launch(["python3", "-B", script], {
        name: "python",
        transport,
        provide: [names],
        log: (record) => records.push(record),
      });
    });

    after(async () => {
      assert.deepEqual(await plugin?.stop(), { code: 0, signal: null });
      // What spawnSync had left open for a moment may be gone by now too.
      const left = await resourcesBackTo(resources);
      assert.ok(left.descriptors <= resources.descriptors && left.children <= resources.children, JSON.stringify(left));
    });

    it("greets", async () => {
      assert.equal(await plugin.dispense(greeter).greet("World"), "Hello, World!");
    });

    it("says in its hello what it serves", () => {
      assert.deepEqual(plugin.serves, [{ name: "greeter", methods: ["greet", "echo", "fail", "wait", "welcome"] }]);
    });

    it("answers many calls at once", async () => {
      const proxy = plugin.dispense(greeter);
      const all = await Promise.all(Array.from({ length: 3_000 }, (_, i) => proxy.greet(String(i))));
      assert.equal(all[2_999], "Hello, 2999!");
    });

    it("gives back every kind of value", async () => {
      const value = {
        nothing: undefined,
        list: [null, true, -0, NaN, Infinity, 1.5, 2 ** 53, -(2 ** 53), 24, -25],
        big: [0n, -1n, 2n ** 64n, -(2n ** 64n) - 1n],
        text: "\uFEFFü水𐅑",
        bytes: Uint8Array.of(1, 2, 3),
        dates: [new Date(0), new Date(-1), new Date(1_363_896_240_500), new Date(NaN)],
        __proto__x: { constructor: 1 },
        map: new Map<unknown, unknown>([
          ["a", new Set([1, "1"])],
          [{ key: 1 }, undefined],
        ]),
        lone: ["a\uD800", { "\uDC00": 1 }],
        holes: Array.from({ length: 3 }).concat(new Array(2)),
        binary: [
          new Float64Array([1.5]),
          new BigInt64Array([-1n]),
          new ArrayBuffer(3),
          new DataView(new ArrayBuffer(2)),
        ],
        texts: [new URL("https://example.org/ä?b"), /^a|b$/giu],
        errors: [new TypeError("a", { cause: new AggregateError([1], "b") }), new DOMException("c", "AbortError")],
      };
      assertSame(await plugin.dispense(greeter).echo(value), value);
    });

    it("takes and gives messages far larger than the window", async () => {
      const bytes = Uint8Array.from({ length: 3_000_001 }, (_, i) => i * 7);
      const back = await plugin.dispense(greeter).echo(bytes);
      assert.equal(Buffer.compare(back as Uint8Array, bytes), 0);
    });

    it("throws", async () => {
      await assert.rejects(async () => plugin.dispense(greeter).fail(), {
        name: "ValueError",
        message: "no such name",
      });
    });

    it("says that a method does not exist", async () => {
      const open = contract<{ grete(): void }>("greeter");
      const proxy = plugin.dispense(open) as { grete?: () => Promise<void> };
      assert.equal(proxy.grete, undefined);
    });

    it("stops a call that is cancelled, and goes on", async () => {
      const cancelling = new AbortController();
      const proxy = plugin.dispense(greeter);
      const call = withOptions(proxy, { signal: cancelling.signal }).wait();
      cancelling.abort(new Error("enough"));
      await assert.rejects(async () => call, { message: "enough" });
      assert.equal(await proxy.greet("again"), "Hello, again!");
    });

    it("is given up at a deadline", async () => {
      await assert.rejects(
        async () => withOptions(plugin.dispense(greeter), { timeoutMs: 20 }).wait(),
        (error) => error instanceof PluginError && error.code === "timeout",
      );
    });

    it("calls its host while it is called", async () => {
      assert.equal(await plugin.dispense(greeter).welcome(), "Hello, Ada!");
    });

    it("answers pings", async () => {
      assert.ok((await plugin.ping()) >= 0);
    });

    it("logs", async () => {
      await plugin.ping();
      assert.ok(records.some(({ level, message }) => level === "info" && message === "the call was cancelled"));
    });
  });
}
