import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));
const read = (document: string): string => readFileSync(join(root, document), "utf8");
const markdownIn = (folder: string): string[] =>
  readdirSync(join(root, folder), { encoding: "utf8", recursive: folder !== "" })
    .filter((name) => name.endsWith(".md"))
    .map((name) => join(folder, name));
const documents = [...markdownIn(""), ...markdownIn("docs"), ...markdownIn("examples")];
const rooms = readdirSync(join(root, "src"));

/** Without fenced blocks, which have their own checks. */
const prose = (document: string): string => read(document).replace(/^(`{3,})[\s\S]*?^\1$/gm, "");
const codeSpans = (document: string): string[] =>
  [...prose(document).matchAll(/`([^`\n]+)`/g)].map(([, text]) => text!);

/** The anchors of a document's headings, as those who render Markdown make them. */
const anchorsOf = (document: string): string[] =>
  [...prose(document).matchAll(/^#+ (.+)$/gm)].map(([, title]) =>
    title!
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, "")
      .replaceAll(" ", "-"),
  );

test("every path of the repository that a document names exists", () => {
  const missing = documents.flatMap((document) =>
    codeSpans(document)
      .filter((text) => /^(src|scripts|tests|docs)\/[\w./-]*$/.test(text) && !existsSync(join(root, text)))
      .map((text) => `${document}: ${text}`),
  );
  assert.deepEqual(missing, []);
});

test("every file that ARCHITECTURE.md names by its room exists", () => {
  const files = codeSpans("docs/ARCHITECTURE.md").filter((text) => /^[a-z]+\/[\w/]+\.ts$/.test(text));
  const inRooms = files.filter((file) => !/^(scripts|tests)\//.test(file));
  assert.ok(inRooms.length > 20, "the pattern still finds them");
  assert.deepEqual(
    inRooms.filter((file) => !existsSync(join(root, "src", file))),
    [],
  );
});

test("the table of ARCHITECTURE.md has every room, and no other", () => {
  const rows = [...prose("docs/ARCHITECTURE.md").matchAll(/^\| `([a-z]+)\/` \|/gm)].map(([, room]) => room!);
  assert.deepEqual(rows.sort(), rooms.sort());
});

test("every relative link of a document leads to a file, and to a heading of it", () => {
  const broken: string[] = [];
  for (const document of documents) {
    for (const [, target] of prose(document).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(target!)) continue;
      const [path = "", anchor] = target!.split("#");
      const file = path === "" ? document : normalize(join(dirname(document), path));
      if (!existsSync(join(root, file))) broken.push(`${document}: ${target} does not exist`);
      else if (anchor !== undefined && !anchorsOf(file).includes(anchor))
        broken.push(`${document}: ${target} is no heading`);
    }
  }
  assert.deepEqual(broken, []);
});
