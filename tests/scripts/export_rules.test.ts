import assert from "node:assert/strict";
import { test } from "node:test";
import { compareManifests } from "../../scripts/lib/export_rules.ts";

const deno = {
  name: "n",
  version: "1.0.0",
  exports: { ".": "./mod.ts", "./node": "./src/runtime/node.ts" },
  imports: { "cbor-x": "npm:cbor-x@^1.6.9", "cbor-x/encode": "npm:cbor-x@^1.6.9/encode" },
};
const npm = {
  name: "n",
  version: "1.0.0",
  exports: {
    ".": { types: "./dist/mod.d.ts", default: "./dist/mod.js" },
    "./node": { types: "./dist/src/runtime/node.d.ts", default: "./dist/src/runtime/node.js" },
    "./package.json": "./package.json",
  },
  dependencies: { "cbor-x": "^1.6.9" },
};

test("manifests that agree give no problem, and the files to build", () => {
  const { problems, targets } = compareManifests(deno, npm);
  assert.deepEqual(problems, []);
  assert.equal(targets.length, 4);
});

const breaches: readonly { readonly says: string; readonly npm: object; readonly finds: RegExp }[] = [
  { says: "a version of its own", npm: { version: "1.0.1" }, finds: /version: 1\.0\.0 in deno\.json/ },
  { says: "a subpath missing", npm: { exports: { ".": npm.exports["."] } }, finds: /\.\/node.*says nothing/ },
  {
    says: "a subpath too many",
    npm: { exports: { ...npm.exports, "./more": "./dist/more.js" } },
    finds: /\.\/more.*not a path in deno\.json/,
  },
  {
    says: "types that do not come first",
    npm: { exports: { ...npm.exports, ".": { default: "./dist/mod.js", types: "./dist/mod.d.ts" } } },
    finds: /must say \{"types"/,
  },
  {
    says: "a condition of one runtime",
    npm: { exports: { ...npm.exports, ".": { deno: "./mod.ts", ...npm.exports["."] } } },
    finds: /must say \{"types"/,
  },
  { says: "another range", npm: { dependencies: { "cbor-x": "^1.5.0" } }, finds: /cbor-x: \^1\.6\.9 in deno\.json/ },
  {
    says: "a dependency Deno does not know",
    npm: { dependencies: { ...npm.dependencies, ws: "1" } },
    finds: /ws: a dependency in package\.json/,
  },
];

for (const breach of breaches) {
  test(`${breach.says} is found`, () => {
    const { problems } = compareManifests(deno, { ...npm, ...breach.npm });
    assert.match(problems.join("\n"), breach.finds);
  });
}
