/**
 * The `plugwire` command: look at a plugin, and call it from a shell.
 *
 * ```sh
 * npx @plugwire/plugwire describe ./plugin.ts
 * deno run -A jsr:@plugwire/plugwire/cli call ./plugin.ts greeter.greet World
 * ```
 *
 * @module
 */
import { main } from "./main.ts";

export { ExitCode } from "./exit_codes.ts";
export { main } from "./main.ts";
export { run } from "./run.ts";

// `deno run` of this very module is the command; whoever imports it wants its functions.
if (import.meta.main) void main();
