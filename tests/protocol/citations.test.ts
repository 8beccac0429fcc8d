import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));
const text = readFileSync(join(root, "docs/PROTOCOL.md"), "utf8");
const sections = new Set(Array.from(text.matchAll(/^#{2,3} (\d+(?:\.\d+)?)\.? /gm), ([, number]) => number!));

/** Sections that a text cites: all of the list that follows the mark. */
function cited(source: string, mark: RegExp): string[] {
  const found: string[] = [];
  for (const [list] of source.matchAll(mark)) {
    for (const [, number] of list.matchAll(/§(\d+(?:\.\d+)?)/g)) found.push(number!);
  }
  return found;
}

const citations = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" })
  .filter((path) => path.endsWith(".ts"))
  .map((path) => ({
    path,
    numbers: cited(readFileSync(join(root, "src", path), "utf8"), /PROTOCOL\.md §[\d.]+(?:(?:,| and| to) §[\d.]+)*/g),
  }))
  .filter(({ numbers }) => numbers.length > 0);

test("every section of PROTOCOL.md that the code cites exists", () => {
  assert.ok(citations.length > 20, "the citations are found");
  for (const { path, numbers } of citations) {
    for (const number of numbers) assert.ok(sections.has(number), `src/${path} cites §${number}`);
  }
});

test("every section that PROTOCOL.md itself names exists", () => {
  for (const number of cited(text, /§\d+(?:\.\d+)?/g)) assert.ok(sections.has(number), `§${number}`);
});

test("every room that is on the wire cites its part", () => {
  const rooms = new Set(citations.map(({ path }) => path.split(/[\\/]/)[0]));
  for (const room of ["errors", "wire", "mux", "values", "rpc", "handshake"]) assert.ok(rooms.has(room), room);
});
