/** The one error class of Plugwire and its closed set of codes. @module */
export { ErrorCode, isErrorCode } from "./codes.ts";
export { errorOrigin, markRemote } from "./origin.ts";
export {
  codeFromWire,
  type ErrorOrigin,
  type Execution,
  type LimitedResource,
  PluginError,
  type PluginErrorFacts,
  type PluginErrorOptions,
} from "./plugin_error.ts";
