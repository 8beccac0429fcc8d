import assert from "node:assert/strict";
import { test } from "node:test";
import { scriptsSkip } from "../support/scripts_skip.ts";

const base = {
  "src/errors/mod.ts": "export const e = 1;",
  "src/mux/session.ts": "export const s = 1;",
  "src/runtime/runtime.ts": "export type R = 1;",
};

const cases: readonly { readonly says: string; readonly files: Record<string, string>; readonly finds: RegExp[] }[] = [
  {
    says: "an import from above is allowed",
    files: { "src/mux/a.ts": 'import { e } from "../errors/mod.ts";' },
    finds: [],
  },
  {
    says: "an import from below is not",
    files: { "src/wire/a.ts": 'import { s } from "../mux/session.ts";' },
    finds: [/src\/wire\/a\.ts:1: .*wire\/ stands above mux\//],
  },
  {
    says: "not even of types",
    files: {
      "src/wire/a.ts":
        'import type { s } from "../mux/session.ts";\nexport type { s } from "../mux/session.ts";\ntype X = import("../mux/session.ts").s;',
    },
    finds: [/a\.ts:1/, /a\.ts:2/, /a\.ts:3/],
  },
  {
    says: "a dynamic import counts like any other",
    files: { "src/wire/a.ts": 'export const f = () => import("../mux/session.ts");' },
    finds: [/must not know it/],
  },
  {
    says: "a computed module name is refused",
    files: { "src/wire/a.ts": "export const f = (name: string) => import(name);" },
    finds: [/computed/],
  },
  {
    says: "runtime/ may know the runtime",
    files: { "src/runtime/a.ts": 'import fs from "node:fs"; Deno.cwd(); process.exit();' },
    finds: [],
  },
  {
    says: "other rooms may not, in any spelling",
    files: {
      "src/mux/a.ts":
        'import fs from "fs";\nDeno.cwd();\nglobalThis.Bun;\nglobalThis["Deno"];\nprocess.exit();\nimport net from "node:net";\ndeclare const Bun: object;',
    },
    finds: [
      /:1: imports fs/,
      /:6: imports node:net/,
      /:2: names Deno/,
      /:3: names Bun/,
      /:4: names Deno/,
      /:5: names process/,
      /:7: names Bun/,
    ],
  },
  {
    says: "comments, strings, properties and local names are no runtime",
    files: {
      "src/mux/a.ts":
        '// Deno.cwd() and import "node:fs"\nexport const a = "node:fs Deno.cwd()";\nexport const b = { process: 1, Deno: 2 };\nb.process;\nexport function f(process: number): number { return process; }',
    },
    finds: [],
  },
  {
    says: "a circle of files is refused",
    files: {
      "src/mux/a.ts": 'import "./b.ts";',
      "src/mux/b.ts": 'import "./c.ts";',
      "src/mux/c.ts": 'import "./a.ts";',
    },
    finds: [/import cycle: src\/mux\/a\.ts -> src\/mux\/b\.ts -> src\/mux\/c\.ts -> src\/mux\/a\.ts/],
  },
  {
    says: "types may name each other",
    files: {
      "src/mux/a.ts":
        'import type { b } from "./b.ts";\nexport type { c } from "./c.ts";\nexport type B = import("./b.ts").b;',
      "src/mux/b.ts": 'import { a } from "./a.ts";',
      "src/mux/c.ts": 'import { a } from "./a.ts";',
    },
    finds: [],
  },
  {
    says: "a module is loaded for its types too unless all of the import is of types",
    files: { "src/mux/a.ts": 'import { type b } from "./b.ts";', "src/mux/b.ts": 'import "./a.ts";' },
    finds: [/import cycle: src\/mux\/a\.ts -> src\/mux\/b\.ts -> src\/mux\/a\.ts/],
  },
  {
    says: "packages must be dependencies",
    files: { "src/mux/a.ts": 'import "cbor-x/encode";\nimport "zod";' },
    finds: [/:2: imports zod/],
  },
  { says: "unknown rooms are refused", files: { "src/attic/a.ts": "" }, finds: [/no room/] },
  {
    says: "the root only re-exports",
    files: { "mod.ts": 'export * from "./src/errors/mod.ts";\nexport const x = 1;' },
    finds: [/mod\.ts:2: .*only re-exports/],
  },
];

for (const { says, files, finds } of cases) {
  test(says, { skip: scriptsSkip }, async () => {
    const { checkImports } = await import("../../scripts/lib/import_rules.ts");
    const problems = checkImports(new Map(Object.entries({ ...base, ...files })), ["cbor-x"]);
    assert.equal(problems.length, finds.length, problems.join("\n"));
    for (const [index, pattern] of finds.entries()) assert.match(problems[index] ?? "", pattern);
  });
}
