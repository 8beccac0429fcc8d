/** Plugins as separate processes, called like local objects. @module */
export { ErrorCode, errorOrigin, type ErrorOrigin, type Execution, PluginError, type PluginErrorFacts, type PluginErrorOptions } from "./src/errors/mod.ts";
