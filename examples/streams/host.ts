import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { launch } from "@plugwire/plugwire";
import { archive } from "./archive.ts";

const mebibyte = 1 << 20;
const sizeMiB = 256;
const line = `${"all work and no play ".repeat(3)}\n`;
const block = Buffer.from(line.repeat(mebibyte / line.length));

const directory = await mkdtemp(join(tmpdir(), "plugwire-streams-"));
const file = join(directory, "large.txt");
try {
  // A large file.
  const digest = createHash("sha256");
  await pipeline(
    (function* () {
      for (let i = 0; i < sizeMiB; i++) {
        digest.update(block);
        yield block;
      }
    })(),
    createWriteStream(file),
  );

  await using plugin = await launch(new URL("./plugin.ts", import.meta.url));
  const archives = plugin.dispense(archive);

  // As an argument: a file's stream of Node, a ReadableStream, or anything else that gives bytes.
  console.log("the digest is right:", (await archives.sha256(createReadStream(file))) === digest.digest("hex"));

  // There and back at once.
  await pipeline(await archives.gzip(createReadStream(file)), createWriteStream(`${file}.gz`));
  console.log("it became smaller:", (await stat(`${file}.gz`)).size < (await stat(file)).size / 100);

  // Whoever breaks out of a loop stops the plugin, and the plugin stops reading the file.
  for await (const numbered of await archives.numbered(createReadStream(file))) {
    if (numbered.startsWith("3 ")) break;
    console.log(numbered.trim());
  }

  console.log(`the plugin never used as much as the file has:`, (await archives.peakMemory()) < sizeMiB);
} finally {
  await rm(directory, { recursive: true });
}
