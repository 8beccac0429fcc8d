/** What is said of streams that cannot be sent, or not as they are. */
import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { describe, it } from "node:test";
import * as v from "valibot";
import { bytes, contract, inProcess, method, PluginError, stream } from "../../mod.ts";

const kit = contract("kit", {
  size: method([bytes()], v.number()),
  join: method([stream(v.string())], v.string()),
  letters: method([], stream(v.string())),
  texts: method([], bytes()),
  ignore: method([stream(v.string())]),
});

async function* letters(): AsyncGenerator<string> {
  yield "a";
  yield "b";
}

function texts(): ReadableStream<Uint8Array> {
  return new ReadableStream<string>({
    start(controller) {
      controller.enqueue("text");
      controller.close();
    },
  }) as ReadableStream<unknown> as ReadableStream<Uint8Array>;
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const got: T[] = [];
  for await (const item of items) got.push(item);
  return got;
}

const once = letters();
const served = kit.implement({
  size: async (body) => (await all(body)).reduce((size, chunk) => size + chunk.length, 0),
  join: async (items) => (await all(items)).join(""),
  letters: () => once,
  texts,
  ignore: () => {},
});

const sentBefore = (way: string) => ({
  code: "unsupported_value",
  execution: "none",
  path: "args[0]",
  message: `cannot send args[0]: it was sent already and can be read once; ${way}`,
});
const another = "make another one to send it again";

describe("a stream that was sent and read", () => {
  it("is refused when it is sent again: a generator", async () => {
    await using plugin = await inProcess(served);
    const remote = plugin.dispense(kit);
    const generator = letters();
    assert.equal(await remote.join(generator), "ab");
    await assert.rejects(remote.join(generator), sentBefore(another));
  });

  it("is refused when it is sent again: a ReadableStream", async () => {
    await using plugin = await inProcess(served);
    const remote = plugin.dispense(kit);
    const readable = new Blob(["abc"]).stream();
    assert.equal(await remote.size(readable), 3);
    await assert.rejects(remote.size(readable), sentBefore("send what tee() gives"));
  });

  it("is refused when it is sent again: a stream of node:stream", async () => {
    await using plugin = await inProcess(served);
    const remote = plugin.dispense(kit);
    const readable = Readable.from([new Uint8Array(4)]);
    assert.equal(await remote.size(readable), 4);
    await assert.rejects(remote.size(readable), sentBefore(another));
  });

  it("is refused when it is sent to another plugin", async () => {
    await using plugin = await inProcess(served);
    await using other = await inProcess(served);
    const generator = letters();
    assert.equal(await plugin.dispense(kit).join(generator), "ab");
    await assert.rejects(other.dispense(kit).join(generator), sentBefore(another));
  });

  it("is refused when it is given again as a result", async () => {
    await using plugin = await inProcess(served);
    const remote = plugin.dispense(kit);
    assert.deepEqual(await all(await remote.letters()), ["a", "b"]);
    await assert.rejects(Promise.resolve(remote.letters()), {
      code: "unsupported_value",
      message: `cannot send result: it was sent already and can be read once; ${another}`,
    });
  });
});

describe("a stream that is passed to two calls at once", () => {
  const crosses =
    "which has not ended: a stream can cross once; make another one for each call, or send what tee() gives";
  const passed = (method: string) => ({
    code: "unsupported_value",
    execution: "none",
    path: "args[0]",
    message: `cannot send args[0]: it is passed to kit.${method} already, ${crosses}`,
  });

  it("is refused by the second one, of whichever method, and the first has it all", async () => {
    await using plugin = await inProcess(served);
    const remote = plugin.dispense(kit);
    const generator = letters();
    const first = remote.join(generator);
    await Promise.all([
      assert.rejects(remote.join(generator), passed("join")),
      assert.rejects(remote.ignore(generator), passed("join")),
    ]);
    assert.equal(await first, "ab");
    const items = { [Symbol.asyncIterator]: letters };
    const joined = remote.join(items);
    await assert.rejects(remote.join(items), passed("join"));
    assert.equal(await joined, "ab");
  });

  it("is refused when the second one is another plugin's, unless it can be iterated again", async () => {
    await using plugin = await inProcess(served);
    await using other = await inProcess(served);
    const readable = new Blob(["abc"]).stream();
    const size = plugin.dispense(kit).size(readable);
    await assert.rejects(other.dispense(kit).size(readable), passed("size"));
    assert.equal(await size, 3);
    const items = { [Symbol.asyncIterator]: letters };
    assert.deepEqual(await Promise.all([plugin, other].map((one) => one.dispense(kit).join(items))), ["ab", "ab"]);
  });
});

describe("a stream that was sent and not used up", () => {
  it("may be sent again when nobody read it", async () => {
    await using plugin = await inProcess(served);
    const remote = plugin.dispense(kit);
    const generator = letters();
    await remote.ignore(generator);
    assert.equal(await remote.join(generator), "ab");
  });

  it("may be sent again when it can be iterated again", async () => {
    await using plugin = await inProcess(served);
    const remote = plugin.dispense(kit);
    const items = { [Symbol.asyncIterator]: letters };
    assert.equal(await remote.join(items), "ab");
    assert.equal(await remote.join(items), "ab");
  });
});

describe("a stream of texts where the contract says bytes", () => {
  const text =
    "bytes() takes Uint8Array chunks; chunk 0 is a string: encode it (TextEncoderStream), or declare stream(…)";

  it("is the failure of the caller that passed it", async () => {
    await using plugin = await inProcess(served);
    await assert.rejects(plugin.dispense(kit).size(texts()), (error) => {
      assert.ok(error instanceof PluginError);
      const { code, execution, message, contract, method } = error;
      const facts = { contract: "kit", method: "size", execution: "unknown" };
      const expected = { code: "unsupported_value", message: `the stream passed to kit.size: ${text}`, ...facts };
      assert.deepEqual({ code, message, execution, contract, method }, expected);
      return true;
    });
  });

  it("is the failure of the reader that was given it", async () => {
    await using plugin = await inProcess(served);
    await assert.rejects(all(await plugin.dispense(kit).texts()), (error) => {
      assert.ok(error instanceof PluginError);
      assert.equal(error.code, "unsupported_value");
      assert.equal(error.message, `the stream of kit.texts: ${text}`);
      return true;
    });
  });

  it("leaves an error that a caller's generator throws what it is", async () => {
    await using plugin = await inProcess(served);
    const thrown = new RangeError("no more");
    async function* failing(): AsyncGenerator<string> {
      yield "a";
      throw thrown;
    }
    await assert.rejects(plugin.dispense(kit).join(failing()), (error) => error === thrown);
  });
});
