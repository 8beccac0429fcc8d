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

// `deno run` of this very module is the command; whoever imports it wants its functions. Not all of the types in use know
// `main`, and Node before 24.2 does not have it: there bin.ts is the command.
if ((import.meta as { readonly main?: boolean }).main) void main();
