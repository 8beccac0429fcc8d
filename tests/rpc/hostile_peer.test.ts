import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Contract, callContext, contract } from "../../mod.ts";
import { FrameType } from "../../src/wire/mod.ts";
import { rejectsWith } from "../support/calls.ts";
import { codec, makeTool, type RawPeer, withRawHost, withRawPlugin } from "./_sessions.ts";

const open = 1;
const more = 2;
const end = 4;

interface Big {
  size(text: string): number;
}
const big: Contract<Big> = contract<Big>("big");

/** A reply as its three items. */
async function reply(peer: RawPeer, skip = 0): Promise<unknown[]> {
  return codec.decode((await peer.frame(FrameType.data, skip)).payload) as unknown[];
}

describe("a plugin whose host is hostile", () => {
  const breaches: readonly (readonly [says: string, control: unknown, code: string])[] = [
    ["a CONTROL that is no array", { a: 1 }, "protocol"],
    ["a dispense without a number", [0, "x", "tool"], "protocol"],
    ["a dispense of what is not served", [0, 0, "other"], "protocol"],
    ["a drop without a number", [1], "protocol"],
  ];
  for (const [says, control, code] of breaches) {
    it(`ends the session at ${says}`, async () => {
      const { plugin, host } = withRawHost({ serves: [makeTool().served] });
      host.hello();
      host.say(FrameType.control, control);
      assert.notEqual((await host.farewell()).code, 0);
      assert.equal((await plugin.closed)?.code, code);
    });
  }

  it("ends the session at a CONTROL that is no CBOR", async () => {
    const { plugin, host } = withRawHost();
    host.hello();
    host.send(FrameType.control, new Uint8Array([0x9f, 0xff]));
    await host.farewell();
    assert.equal((await plugin.closed)?.code, "bad_message");
  });

  it("ends the session at a second dispense of one target, and at one too many", async () => {
    for (const second of [0, 1]) {
      const { plugin, host } = withRawHost({ serves: [makeTool().served], limits: { maxDispensed: 1 } });
      host.hello();
      host.say(FrameType.control, [0, 0, "tool"]);
      host.say(FrameType.control, [0, second, "tool"]);
      await host.farewell();
      assert.equal((await plugin.closed)?.code, second === 0 ? "protocol" : "limit");
    }
  });

  it("takes no notice of CONTROL codes that it does not know, nor of a drop of what is not there", async () => {
    const { plugin, host } = withRawHost({ serves: [makeTool().served] });
    host.hello();
    host.say(FrameType.control, [77, 1, 2]);
    host.say(FrameType.control, [1, 5]);
    host.say(FrameType.control, [0, 0, "tool"]);
    host.say(FrameType.data, [null, 0, "run", []], 1, open | end);
    assert.deepEqual(await reply(host), [null, 0, undefined]);
    plugin.close();
    await plugin.closed;
  });

  const calls: readonly (readonly [says: string, call: unknown, code: string])[] = [
    ["of a target that was not dispensed", [null, 9, "run", []], "bad_message"],
    ["with references that are no list", [7, 0, "run", []], "bad_message"],
    ["with a reference that it does not hold", [[5], 0, "run", []], "bad_message"],
    ["with a reference of a kind that nobody knows", [[[99, 1]], 0, "run", []], "bad_message"],
    ["with a reference without a number", [[[0, -1]], 0, "run", []], "bad_message"],
    ["with an object without names", [[[1, 1]], 0, "run", []], "bad_message"],
    ["with an object with names that are none", [[[1, 1, ["a", 5]]], 0, "run", []], "bad_message"],
    ["of a reference that it does not hold", [null, -6, "", []], "bad_message"],
    ["that is no array", { a: 1 }, "bad_message"],
    ["with arguments that are none", [null, 0, "run", {}], "bad_message"],
    ["with a time below 0", [null, 0, "run", [], { timeout: -1 }], "bad_message"],
    ["of a method that is none", [null, 0, 5, []], "bad_message"],
    ["of constructor", [null, 0, "constructor", []], "no_such_method"],
    ["of __proto__", [null, 0, "__proto__", []], "no_such_method"],
    ["of then", [null, 0, "then", []], "no_such_method"],
  ];
  for (const [says, call, code] of calls) {
    it(`answers a call ${says} with an error, and goes on`, async () => {
      const made = makeTool();
      const { plugin, host } = withRawHost({ serves: [made.served] });
      host.hello();
      host.say(FrameType.control, [0, 0, "tool"]);
      host.say(FrameType.data, call, 1, open | end);
      const [, status, body] = await reply(host);
      assert.equal(status, 2);
      assert.equal((body as { code: string }).code, code);
      assert.equal((body as { execution: string }).execution, "none");
      host.say(FrameType.data, [null, 0, "run", []], 3, open | end);
      assert.deepEqual(await reply(host, 1), [null, 0, undefined]);
      assert.equal(made.ran, 1);
      plugin.close();
      await plugin.closed;
    });
  }

  it("refuses a stream of bytes, and one that ends without a call", async () => {
    const { plugin, host } = withRawHost({ serves: [makeTool().served] });
    host.hello();
    host.send(FrameType.bytes, new Uint8Array(3), 1, open | end);
    host.send(FrameType.data, new Uint8Array(0), 3, open | end);
    const resets = [await host.frame(FrameType.reset), await host.frame(FrameType.reset, 1)];
    assert.deepEqual(
      resets.map(({ payload }) => payload[1]),
      [2, 2],
    );
    plugin.close();
    await plugin.closed;
  });
});

describe("a host whose plugin is hostile", () => {
  const replies: readonly (readonly [says: string, reply: unknown, code: string])[] = [
    ["of an unknown status", [null, 9, 1], "bad_message"],
    ["that is no array", 5, "bad_message"],
    ["of two items", [null, 0], "bad_message"],
    ["with references", [[1], 0, 1], "bad_message"],
  ];
  for (const [says, message, code] of replies) {
    it(`fails the call of a reply ${says}, and goes on`, async () => {
      const { host, plugin } = withRawPlugin();
      plugin.hello({ role: "plugin", version: 1, contracts: [{ name: "big", methods: ["size"] }] });
      await host.opened;
      const proxy = host.dispense(big);
      const call = proxy.size("a");
      const { streamId } = await plugin.frame(FrameType.data);
      plugin.say(FrameType.data, message, streamId, end);
      await rejectsWith(call, code as never, { execution: "done", method: "size" });
      const second = proxy.size("b");
      plugin.say(FrameType.data, [null, 0, 1], (await plugin.frame(FrameType.data, 1)).streamId, end);
      assert.equal(await second, 1);
      host.close();
      plugin.end();
      await host.closed;
    });
  }

  it("fails the call of an end without a reply, and of an error that says nothing", async () => {
    const { host, plugin } = withRawPlugin();
    plugin.hello({ role: "plugin", version: 1, contracts: [{ name: "big", methods: ["size"] }] });
    await host.opened;
    const proxy = host.dispense(big);
    const calls = [proxy.size("a"), proxy.size("b"), proxy.size("c")];
    const ids = [];
    for (const n of [0, 1, 2]) ids.push((await plugin.frame(FrameType.data, n)).streamId);
    plugin.send(FrameType.data, new Uint8Array(0), ids[0]!, end);
    plugin.say(FrameType.data, [null, 1, null], ids[1]!, end);
    plugin.say(FrameType.data, [null, 2, { code: "from_the_future" }], ids[2]!, end);
    await rejectsWith(calls[0]!, "bad_message", { execution: "unknown" });
    await assert.rejects(calls[1]!, /threw something that did not arrive/);
    await rejectsWith(calls[2]!, "unknown", { rawCode: "from_the_future" });
    host.close();
    plugin.end();
    await host.closed;
  });

  it("goes on with the next call when the plugin stops a large one half way", async () => {
    const { host, plugin } = withRawPlugin();
    plugin.hello({ role: "plugin", version: 1, contracts: [{ name: "big", methods: ["size"] }] });
    await host.opened;
    const proxy = host.dispense(big);
    const [large, next] = [proxy.size("x".repeat(1 << 20)), proxy.size("next")];
    const { streamId, flags } = await plugin.frame(FrameType.data);
    assert.equal(flags & more, more);
    plugin.send(FrameType.reset, new Uint8Array([0, 2]), streamId, 3);
    await rejectsWith(large, "refused", { execution: "none" });
    for (let skip = 1; ; skip++) {
      const frame = await plugin.frame(FrameType.data, skip);
      if (frame.streamId === streamId) continue;
      assert.deepEqual((codec.decode(frame.payload) as unknown[])[3], ["next"]);
      plugin.say(FrameType.data, [null, 0, 4], frame.streamId, end);
      break;
    }
    assert.equal(await next, 4);
    host.close();
    plugin.end();
    await host.closed;
  });

  it("knows which calls never ran when the plugin goes", async () => {
    const { host, plugin } = withRawPlugin();
    plugin.hello({ role: "plugin", version: 1, contracts: [{ name: "big", methods: ["size"] }] });
    await host.opened;
    const [one, other] = [host.dispense(big), host.dispense(big)];
    const sent = one.size("sent");
    const large = other.size("x".repeat(1 << 20));
    const behind = other.size("behind it");
    await plugin.frame(FrameType.data, 1);
    plugin.end();
    await rejectsWith(sent, "closed", { execution: "unknown" });
    await rejectsWith(large, "closed", { execution: "none" });
    await rejectsWith(behind, "closed", { execution: "none" });
    await rejectsWith(one.size("late"), "closed", { execution: "none" });
    await host.closed;
  });
});

it("callContext() outside of a call says where it belongs", () => {
  assert.throws(() => callContext(), { code: "internal", message: /outside of a call/ });
});
