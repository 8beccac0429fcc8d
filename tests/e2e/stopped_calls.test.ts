import assert from "node:assert/strict";
import { test } from "node:test";
import { inProcess, launch, type Plugin } from "../../mod.ts";
import { pipes } from "../fixtures/streams/contracts.ts";
import { makeServed } from "../fixtures/streams/served.ts";
import { pluginError } from "../support/life.ts";

const script = new URL("../fixtures/streams/plugin.ts", import.meta.url);
const ways: readonly { readonly name: string; open(): Promise<Plugin> }[] = [
  { name: "a process", open: () => launch(script, { log: false, name: "tested" }) },
  { name: "in process", open: () => inProcess(makeServed(), { name: "tested" }) },
];

for (const { name, open } of ways) {
  test(`a call after stop() says that the plugin was stopped (${name})`, async () => {
    const plugin = await open();
    const proxy = plugin.dispense(pipes);
    await proxy.counted();
    await plugin.stop();
    const error = await pluginError(proxy.counted());
    assert.equal(error.code, "closed");
    assert.equal(error.execution, "none");
    assert.equal(error.plugin, "tested");
    assert.equal(error.message, "pipes.counted did not run: plugin tested was stopped");
  });
}
