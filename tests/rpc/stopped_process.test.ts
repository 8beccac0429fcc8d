/** What a process that was stopped, or blocked, says of others afterwards. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { contract, withOptions } from "../../mod.ts";
import { Flag, FrameType } from "../../src/wire/mod.ts";
import { linkKinds } from "../support/links.ts";
import { openSide, RawPeer } from "./_sessions.ts";

const lab = contract<{ run(): number }>("lab");
const hello = { role: "plugin", version: 1, contracts: [{ name: "lab", methods: ["run"], shared: true }] };
const shortMs = 100;

/** No timer fires, and nothing is read. */
function block(): void {
  const until = performance.now() + 6 * shortMs;
  while (performance.now() < until);
}

for (const link of linkKinds) {
  describe(`a process that was stopped reads what had come first, over ${link.name}`, () => {
    it("a hello", async () => {
      const [left, right] = await link.make();
      const plugin = new RawPeer(right);
      const host = openSide("host", left, { limits: { helloTimeoutMs: shortMs } });
      plugin.hello(hello);
      block();
      await host.opened;
      host.close();
      await host.closed;
    });

    it("the answer of a call", async () => {
      const [left, right] = await link.make();
      const plugin = new RawPeer(right);
      const host = openSide("host", left);
      plugin.hello(hello);
      await host.opened;
      const call = withOptions(host.dispense(lab), { timeoutMs: shortMs }).run();
      const answer = Promise.resolve(call).catch((error: unknown) => error);
      const { streamId } = await plugin.frame(FrameType.data);
      plugin.say(FrameType.data, [null, 0, 7], streamId, Flag.end);
      block();
      assert.equal(await answer, 7);
      host.close();
      await host.closed;
    });
  });
}

it("a peer that says nothing is still given up", async () => {
  const [left, right] = await linkKinds[0]!.make();
  const plugin = new RawPeer(right);
  const host = openSide("host", left, { limits: { helloTimeoutMs: shortMs } });
  block();
  await assert.rejects(host.opened, { code: "timeout" });
  await host.closed;
  assert.ok(plugin instanceof RawPeer);
});
