/** What a host is told whose place another one has taken. */
import assert from "node:assert/strict";
import { it } from "node:test";
import { PluginError } from "../../mod.ts";
import { CloseCode } from "../../src/mux/mod.ts";
import { makeTool, openPair, tool } from "./_sessions.ts";

it("dispense fails with superseded from the moment on that the session ends, and before others have heard of it", async () => {
  const { host, plugin } = openPair({}, { serves: [makeTool().served] });
  await Promise.all([host.opened, plugin.opened]);
  const seen: unknown[] = [];
  const dispense = (): void => {
    try {
      host.dispense(tool);
    } catch (error) {
      seen.push(error);
    }
  };
  dispense();
  assert.equal(seen.length, 0);
  plugin.close(undefined, CloseCode.superseded);
  let isClosed = false;
  void host.closed.then(() => {
    isClosed = true;
  });
  while (!isClosed) {
    dispense();
    await Promise.resolve();
    if (seen.length === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  dispense();
  assert.ok(seen.length > 0);
  for (const error of seen) {
    assert.ok(error instanceof PluginError);
    assert.equal(error.code, "superseded");
    assert.equal(error.execution, "none");
    assert.match(error.message, /^another host has taken plugin tested over: nothing can be dispensed/);
  }
});
