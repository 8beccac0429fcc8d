// Deno's node:test swallows what is thrown or rejected outside a running test: it marks the event as handled
// (https://github.com/denoland/deno/issues/34818). Loaded first, this sees the event before that and says so on
// stderr, where the runner of the tests looks for it.
import { inspect } from "node:util";
import { uncaughtPrefix } from "./uncaught.ts";

addEventListener("error", (event) => report(event.error));
addEventListener("unhandledrejection", (event) => report(event.reason));

function report(error: unknown): void {
  console.error(`${uncaughtPrefix}${inspect(error)}`);
}
