/** docs/go-plugin.md names tests that show what it says. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";

const root = new URL("../../", import.meta.url);
const text = readFileSync(new URL("docs/go-plugin.md", root), "utf8");

/** The rows of the table below a heading, without its own. */
function rowsOf(heading: string): string[] {
  const section = text.split(`\n## ${heading}\n`)[1]?.split("\n## ")[0] ?? "";
  return section
    .split("\n")
    .filter((line) => line.startsWith("|") && !/^\|[-|]+$/.test(line))
    .slice(1);
}

/** The tests that a piece of the page names. */
function named(piece: string): { readonly file: URL; readonly words: string }[] {
  return [...piece.matchAll(/`([a-z0-9]+\/\w+): ([^`]*)`/g)].map(([, file, words]) => ({
    file: new URL(`tests/${file}.test.ts`, root),
    words: words!,
  }));
}

test("every test that docs/go-plugin.md names exists", () => {
  const all = named(text);
  assert.ok(all.length > 60);
  const missing = all.filter(({ file, words }) => !existsSync(file) || !readFileSync(file, "utf8").includes(words));
  assert.deepEqual(
    missing.map(({ file, words }) => `${file.pathname.split("/tests/")[1]}: ${words}`),
    [],
  );
});

test("each of the 25 cases of go-plugin's suite has a test under its number, but for those of trust", () => {
  const rows = rowsOf("Its own test suite");
  const planned = new Set([17, 18, 24]);
  assert.deepEqual(
    rows.map((row) => Number(row.split("|")[1])),
    Array.from({ length: 25 }, (_, index) => index + 1),
  );
  for (const [index, row] of rows.entries()) {
    const number = index + 1;
    if (planned.has(number)) assert.match(row, /\| planned \|$/);
    else assert.ok(named(row).every(({ words }) => words === `case ${number}:`) && named(row).length > 0, row);
  }
});

test("each of the 14 faults has a test, but for that of trust", () => {
  const rows = rowsOf("What goes wrong there");
  assert.deepEqual(
    rows.map((row) => Number(row.split("|")[1])),
    Array.from({ length: 14 }, (_, index) => index + 1),
  );
  for (const row of rows) assert.ok(named(row).length > 0 || row.startsWith("| 12 "), row);
});

test("every row says what shows it, or why nothing does", () => {
  const headings = [
    "The host: `ClientConfig` and `Client`",
    "The plugin: `ServeConfig`",
    "Environment, line, errors",
    "Promises",
  ];
  for (const heading of headings) {
    const rows = rowsOf(heading);
    assert.ok(rows.length > 5, heading);
    for (const row of rows) assert.ok(named(row).length > 0 || /planned|Below|not needed/.test(row), row);
  }
});
