import { launch } from "@plugwire/plugwire";
import { jobs } from "./jobs.ts";

await using plugin = await launch(new URL("./plugin.ts", import.meta.url));
const pictures = plugin.dispense(jobs);

const heard = Promise.withResolvers<string>();
// A function that the plugin gave: `using` lets go of it at the end of the block.
using unsubscribe = await pictures.onDone((what) => heard.resolve(what));

const done = await pictures.resize(["cat.png", "dog.png", "cow.png"], (picture, share) => {
  console.log(`${picture}: ${Math.round(share * 100)} %`);
  return picture !== "dog.png";
});
console.log("done:", done);
console.log("heard:", await heard.promise);

await unsubscribe();
await pictures.resize(["ant.png"], () => true);

// What a callback throws reaches whoever called it, and from there whoever called that.
try {
  await pictures.resize(["bat.png"], (picture) => {
    throw new RangeError(`${picture} is too dark`);
  });
} catch (error) {
  console.log(error instanceof RangeError, (error as Error).message);
}
