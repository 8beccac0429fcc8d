import { ErrorCode, type PluginError } from "../errors/mod.ts";
import { reworded } from "./_failed_start.ts";
import type { LaunchOptions } from "./options.ts";

const hint =
  "over stdio, stdout carries the session alone: perhaps something in the plugin wrote to file descriptor 1 past the " +
  'console (a native module, or a child process that inherits stdout); let it write to stderr, or use transport "unix"';

/** Says of a broken session over stdio what broke it as a rule. */
export function withStdioHint(error: PluginError, transport: LaunchOptions["transport"]): PluginError {
  const isForeign = error.code === ErrorCode.protocol || error.code === ErrorCode.notPlugwire;
  return transport === "stdio" && isForeign ? reworded(error, `${error.message}; ${hint}`) : error;
}
