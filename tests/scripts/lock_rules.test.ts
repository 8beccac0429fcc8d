import assert from "node:assert/strict";
import { test } from "node:test";
import { checkLock } from "../../scripts/lib/lock_rules.ts";

test("a lock file without addresses, and with every optional package, is in order", () => {
  const entries = {
    "node_modules/a": { version: "1.0.0", optionalDependencies: { "a-linux": "1.0.0" } },
    "node_modules/a-linux": { version: "1.0.0" },
  };
  assert.deepEqual(checkLock(entries), []);
});

test("an address of a registry is found", () => {
  const [problem, ...rest] = checkLock({ "node_modules/a": { resolved: "https://example.test/a.tgz" } });
  assert.match(problem ?? "", /node_modules\/a: names the registry/);
  assert.deepEqual(rest, []);
});

test("an optional package without entry is found", () => {
  const [problem] = checkLock({ "node_modules/a": { optionalDependencies: { "a-mac": "1.0.0" } } });
  assert.match(problem ?? "", /a-mac@1\.0\.0 has no entry/);
});
