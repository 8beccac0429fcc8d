import assert from "node:assert/strict";
import { after, before, describe } from "node:test";
import { callContext, type Plugin, PluginError, type Served } from "../../mod.ts";
import { desk, nest } from "../fixtures/calls/contracts.ts";
import { makeServed } from "../fixtures/calls/served.ts";
import { type PluginProgram, type PluginWay, pluginWays } from "./plugins.ts";

/** The plugin of the call tests. */
export const program: PluginProgram = {
  makeServed,
  script: new URL("../fixtures/calls/plugin.ts", import.meta.url),
};

/** What the host serves to it. */
export function provided(): Served[] {
  return [
    desk.implement((peer) => {
      const plugin = peer.dispense(nest);
      return {
        down: async (depth) => (depth === 0 ? "host" : `host > ${await plugin.down(depth - 1)}`),
        leftMs() {
          const { deadline } = callContext();
          return deadline === undefined ? undefined : deadline - Date.now();
        },
        async never() {
          const { signal } = callContext();
          await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
          throw signal.reason;
        },
        say: (text) => `the host heard ${text}`,
      };
    }),
  ];
}

/** Runs a suite over every way to the plugin; the tests of one way share it. */
export function overEveryWay(suite: (plugin: () => Plugin, way: PluginWay) => void): void {
  for (const way of pluginWays) {
    describe(way.name, () => {
      let plugin: Plugin | undefined;
      before(async () => {
        plugin = await way.open(program, { provide: provided() });
      });
      after(async () => {
        await plugin?.stop();
      });
      suite(() => plugin!, way);
    });
  }
}

/** Says that a promise rejects with an error of Plugwire with this code and these facts; gives it. */
export async function rejectsWith(
  promise: Promise<unknown>,
  code: PluginError["code"],
  facts: Partial<PluginError> = {},
): Promise<PluginError> {
  const error = await promise.then(
    (value) => assert.fail(`was not refused, but gave ${String(value)}`),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof PluginError, `not an error of Plugwire: ${String(error)}`);
  assert.equal(error.code, code, error.message);
  for (const [key, value] of Object.entries(facts)) {
    assert.deepEqual(error[key as keyof PluginError], value, `${key} of: ${error.message}`);
  }
  return error;
}
