import { errorOrigin, launch } from "@plugwire/plugwire";
import { counter, files } from "./contracts.ts";

const texts = new Map([
  ["haiku", "an old silent pond a frog jumps into the pond splash silence again"],
  ["note", "buy milk"],
]);

const hostFiles = files.implement({
  list: () => [...texts.keys()],
  read(name) {
    const text = texts.get(name);
    if (text === undefined) throw new RangeError(`no file is called ${name}`);
    return text;
  },
});

await using plugin = await launch(new URL("./plugin.ts", import.meta.url), { provide: [hostFiles] });
const words = plugin.dispense(counter);

console.log("haiku:", await words.countWords("haiku"));
console.log("all:", await words.countAll());

try {
  // Thrown by the host, through the plugin, back to the host: the very same error.
  await words.countWords("diary");
} catch (error) {
  console.log(error instanceof RangeError, (error as Error).message, `(${errorOrigin(error)})`);
}
