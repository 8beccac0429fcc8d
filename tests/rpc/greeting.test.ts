import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { contract, method } from "../../mod.ts";
import { memoryLinks } from "../../src/transport/mod.ts";
import { FrameType } from "../../src/wire/mod.ts";
import { rejectsWith } from "../support/calls.ts";
import { makeTool, openPair, openSide, RawPeer, tool, withRawHost, withRawPlugin } from "./_sessions.ts";

const secret = (fill: number): Uint8Array => new Uint8Array(32).fill(fill);

describe("two sides", () => {
  it("that know the same secret trust each other", async () => {
    const { host, plugin } = openPair({ secret: secret(1) }, { secret: secret(1), serves: [makeTool().served] });
    await Promise.all([host.opened, plugin.opened]);
    await host.dispense(tool).run();
    host.close();
    assert.deepEqual(await Promise.all([host.closed, plugin.closed]), [undefined, undefined]);
  });

  const distrust = [
    { says: "know different secrets", host: secret(1), plugin: secret(2) },
    { says: "do not both have a secret: only the host", host: secret(1), plugin: undefined },
    { says: "do not both have a secret: only the plugin", host: undefined, plugin: secret(1) },
  ];
  for (const one of distrust) {
    it(`that ${one.says} end the session, and both know why`, async () => {
      const made = makeTool();
      const { host, plugin } = openPair({ secret: one.host }, { secret: one.plugin, serves: [made.served] });
      await rejectsWith(host.opened, "authentication");
      await rejectsWith(plugin.opened, "authentication");
      assert.equal((await host.closed)?.code, "authentication");
      assert.equal((await plugin.closed)?.code, "authentication");
    });
  }

  it("are told of a hello that does not fit into its frame, and the link is closed", async () => {
    const many = Array.from({ length: 900 }, (_, n) =>
      contract(`${n}${"x".repeat(150)}`, { run: method() }).implement({ run() {} }),
    );
    const { host, plugin } = openPair({ serves: many });
    await rejectsWith(host.opened, "too_large");
    assert.equal((await host.closed)?.code, "too_large");
    assert.ok((await plugin.closed) !== undefined);
  });
});

describe("a plugin", () => {
  const rubbish: readonly { says: string; act(host: RawPeer): void; text: RegExp }[] = [
    { says: "no CBOR", act: (host) => host.send(FrameType.hello, new Uint8Array([0xff])), text: /./ },
    { says: "no map", act: (host) => host.say(FrameType.hello, [1]), text: /hello is wrong at wire/ },
    { says: "the wrong role", act: (host) => host.hello({ role: "plugin" }), text: /says it is a plugin/ },
    { says: "a short nonce", act: (host) => host.hello({ nonce: new Uint8Array(4) }), text: /nonce/ },
    {
      says: "a wire of the future alone",
      act: (host) => host.hello({ wire: [9] }),
      text: /no common version of the wire/,
    },
    { says: "limits that cannot be", act: (host) => host.hello({ limits: { frame: 1 } }), text: /limits\.frame/ },
    { says: "AUTH first", act: (host) => host.send(FrameType.auth, new Uint8Array(32)), text: /out of its order/ },
    { says: "CONTROL first", act: (host) => host.say(FrameType.control, [0, 0, "tool"]), text: /before the hello/ },
    {
      says: "a call first",
      act: (host) => host.say(FrameType.data, [null, 0, "run", []], 1, 5),
      text: /before the hello/,
    },
    {
      says: "hello twice",
      act: (host) => {
        host.hello();
        host.hello();
      },
      text: /out of its order/,
    },
    {
      says: "AUTH that nobody asked for",
      act: (host) => {
        host.hello();
        host.send(FrameType.auth, new Uint8Array(32));
      },
      text: /out of its order/,
    },
  ];
  for (const { says, act, text } of rubbish) {
    it(`ends a session whose host says ${says}, and says why`, async () => {
      const made = makeTool();
      const { plugin, host } = withRawHost({ serves: [made.served] });
      act(host);
      const { code, text: told } = await host.farewell();
      assert.notEqual(code, 0);
      assert.match(told, text);
      const error = await plugin.closed;
      assert.ok(error !== undefined && ["protocol", "bad_message"].includes(error.code), String(error?.code));
      assert.equal(made.ran, 0);
    });
  }

  it("takes no proof that was made for another session", async () => {
    // A host that is a go-between: it repeats to a second plugin what a true host said to the first.
    const [hostEnd, listenedEnd] = memoryLinks();
    const host = openSide("host", hostEnd, { secret: secret(1) });
    const first = new RawPeer(listenedEnd);
    const hello = await first.frame(FrameType.hello);
    const made = makeTool();
    const second = withRawHost({ secret: secret(1), serves: [made.served] });
    second.host.send(FrameType.hello, hello.payload);
    const answer = await second.host.frame(FrameType.hello);
    const proof = await second.host.frame(FrameType.auth);
    first.send(FrameType.hello, answer.payload);
    first.send(FrameType.auth, proof.payload);
    await host.opened;
    const hostProof = await first.frame(FrameType.auth);
    // It was true there; a third plugin says another hello, so that it is not here.
    const third = withRawHost({ secret: secret(1), serves: [made.served] });
    third.host.send(FrameType.hello, hello.payload);
    await third.host.frame(FrameType.auth);
    third.host.send(FrameType.auth, hostProof.payload);
    await rejectsWith(third.plugin.opened, "authentication");
    second.plugin.close();
    host.close();
    first.end();
    await Promise.all([host.closed, second.plugin.closed, third.plugin.closed]);
  });

  it("waits for a host that says nothing no longer than it must", async () => {
    const { plugin, host } = withRawHost({ limits: { helloTimeoutMs: 20 } });
    const error = await rejectsWith(plugin.opened, "timeout");
    assert.match(error.message, /the host did not say hello and prove itself within 20 ms/);
    assert.match((await host.farewell()).text, /within 20 ms/);
    await plugin.closed;
  });

  it("waits for a proof no longer either", async () => {
    const { plugin, host } = withRawHost({ limits: { helloTimeoutMs: 30 }, secret: secret(1) });
    host.hello({ auth: true });
    await rejectsWith(plugin.opened, "timeout");
    await plugin.closed;
  });
});

it("a host ends a session whose plugin proves nothing, before any call", async () => {
  const { host, plugin } = withRawPlugin({ secret: secret(1) });
  await plugin.frame(FrameType.hello);
  plugin.hello({ role: "plugin", version: 1, auth: true, contracts: [{ name: "tool", methods: ["run"] }] });
  plugin.send(FrameType.auth, new Uint8Array(32));
  await rejectsWith(host.opened, "authentication");
  assert.equal((await plugin.farewell()).code, 4);
  await host.closed;
});
