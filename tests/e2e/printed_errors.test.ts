import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import process from "node:process";
import { test } from "node:test";
import { program } from "../support/life.ts";
import { runtimeCommand, runtimeNames } from "../support/runtimes.ts";

const text = "the plugin died of this";

for (const runtime of runtimeNames) {
  for (const how of ["uncaught", "printed"] as const) {
    test(`the error of a crashed plugin that is ${how} shows the end of its stderr once, on ${runtime}`, async () => {
      const [command = "", ...args] = runtimeCommand(runtime, program("uncaught_host.ts"), how, text);
      const stderr = await new Promise<string>((resolve) => {
        execFile(command, args, { env: { ...process.env, NO_COLOR: "1" } }, (_error, _stdout, stderr) =>
          resolve(stderr),
        );
      });
      assert.equal(stderr.split(text).length - 1, 1, stderr);
      assert.match(stderr, /life\.throwUncaught may have run: plugin \S+ exited with code 1/);
      assert.doesNotMatch(stderr, /it has no stderr/);
    });
  }
}
