import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { it } from "node:test";
import { ErrorCode } from "../../src/errors/mod.ts";

/** The codes that a document has a row for. */
function rows(document: string): Set<string> {
  const text = readFileSync(new URL(`../../docs/${document}`, import.meta.url), "utf8");
  const sections = text.split(/^## /m).filter((section) => /^\| code \|/m.test(section));
  const found = sections.flatMap((section) => [...section.matchAll(/^\| `([a-z_]+)` \|/gm)]);
  return new Set(found.map(([, code = ""]) => code));
}

it("errors.md has a row for each code and for no other", () => {
  assert.deepEqual([...rows("errors.md")].sort(), Object.values(ErrorCode).sort());
});

it("every code that the README names exists", () => {
  const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
  const table = /^## Errors$([\s\S]*?)^## /m.exec(readme)?.[1] ?? "";
  const lines = table.split("\n").filter((line) => line.startsWith("| the "));
  const named = lines.flatMap((line) => [...line.matchAll(/`([a-z_]+)`/g)].map(([, code = ""]) => code));
  const codes: readonly string[] = Object.values(ErrorCode);
  assert.ok(named.length > 10);
  assert.deepEqual(
    named.filter((code) => !codes.includes(code)),
    [],
  );
});
