import { PluginError, type PluginErrorFacts } from "../errors/mod.ts";

/** The same failure, said in other words. */
export function reworded(error: PluginError, message: string, facts: PluginErrorFacts = {}): PluginError {
  const { name: _name, code, ...known } = error;
  return new PluginError(code, message, { ...known, ...facts, cause: error });
}
