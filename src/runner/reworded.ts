import { PluginError, type PluginErrorFacts } from "../errors/mod.ts";

/** The same failure, said in other words. */
export function reworded(error: PluginError, message: string, facts: PluginErrorFacts = {}): PluginError {
  const { name: _name, code, ...known } = error;
  // One that is quoted whole would only be printed twice.
  const cause = message.includes(error.message) ? error.cause : error;
  return new PluginError(code, message, { ...known, stderr: error.stderr, ...facts, cause });
}
