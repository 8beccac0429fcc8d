/** How the debugger of each runtime is asked for, and how what it says is read. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { composeCommand, findInspectorUrl, inspectFrom } from "../../src/handshake/mod.ts";
import type { RuntimeName } from "../../src/runtime/runtime.ts";

const file = { kind: "file", mode: 0o755, uid: 0, size: 1, modifiedMs: 0 } as const;

async function argv(runtime: RuntimeName, inspect: Parameters<typeof inspectFrom>[0]): Promise<readonly string[]> {
  const command = await composeCommand("/p/plugin.ts", {
    runtime,
    inspect: inspectFrom(inspect),
    transport: "unix",
    socketPath: "/tmp/x/s",
    cookieKey: "COOKIE",
    hostRuntime: runtime,
    hostExecPath: `/bin/${runtime}`,
    hostCompiled: false,
    os: "linux",
    find: async () => undefined,
    stat: async () => file,
  });
  return command.argv;
}

describe("the command of a plugin with a debugger", () => {
  const table = [
    ["node", true, ["/bin/node", "--inspect=127.0.0.1:0", "/p/plugin.ts"]],
    ["node", "break", ["/bin/node", "--inspect-brk=127.0.0.1:0", "/p/plugin.ts"]],
    ["bun", "wait", ["/bin/bun", "--inspect-wait=127.0.0.1:0", "/p/plugin.ts"]],
    ["bun", { port: 6499, host: "::1" }, ["/bin/bun", "--inspect=[::1]:6499", "/p/plugin.ts"]],
    [
      "deno",
      { mode: "break", port: 9229 },
      ["/bin/deno", "run", "--no-prompt", "--inspect-brk=127.0.0.1:9229", "--allow-all", "/p/plugin.ts"],
    ],
    // Without one it stays quiet.
    ["deno", false, ["/bin/deno", "run", "--no-prompt", "--quiet", "--allow-all", "/p/plugin.ts"]],
  ] as const;
  for (const [runtime, inspect, expected] of table) {
    it(`on ${runtime} with ${JSON.stringify(inspect)}`, async () =>
      assert.deepEqual(await argv(runtime, inspect), expected));
  }
});

describe("where a debugger listens", () => {
  const url = "ws://127.0.0.1:36079/4275a32d-3921-4597-96b5-7e8145ee8fef";
  const table: readonly (readonly [says: string, stderr: string, found: string | undefined])[] = [
    ["Node and Deno say in a line", `before\nDebugger listening on ${url}\nFor help, see: https://x\n`, url],
    ["Bun says in a box", `--- Bun Inspector ---\nListening:\n  ${url}\nInspect in browser:\n  https://x/#1\n`, url],
    ["may be in colours", `\u001b[2mListening:\u001b[0m\n  \u001b[1m${url}\u001b[0m\n`, url],
    ["is not known before its line has ended", `Debugger listening on ${url.slice(0, 30)}`, undefined],
    ["is not what a program says of itself", `connected to ${url}\nListening: port 80\n`, undefined],
  ];
  for (const [says, stderr, found] of table) it(says, () => assert.equal(findInspectorUrl(stderr), found));
});
