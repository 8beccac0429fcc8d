/** How a host and a plugin find out that they belong together, before the first byte of their session. @module */
export { type CommandOptions, type ComposedCommand, composeCommand } from "./command.ts";
export { type Cookie, checkCookie, cookieFrom, defaultCookie, type HandshakeOptions } from "./cookie.ts";
export { type DebuggedPlugin, debuggedLine, parseDebugged, parseDebuggedLine, readDebugged } from "./debugged.ts";
export { type DenoPermissionsOptions, denoPermissions } from "./deno_permissions.ts";
export {
  architectureMismatch,
  describeExecutable,
  type ExecutableDescription,
  executableHeadBytes,
} from "./diagnose.ts";
export { entryName } from "./entry_name.ts";
export { type EntryPath, type EntryPathOptions, entryPath, isScript, nameOf } from "./entry_path.ts";
export {
  type HostEnvironmentOptions,
  hostEnvironment,
  isLingerTime,
  type Lifeline,
  maxLingerMs,
  type PortRange,
  secretBytes,
  socketFileName,
  type TransportName,
  toHex,
} from "./environment.ts";
export { findInspectorUrl, type InspectOption, type InspectOptions, inspectFrom } from "./inspect.ts";
export {
  addressFields,
  coreVersion,
  formatLine,
  type HandshakeLine,
  type LineReading,
  lineAddress,
  maxLineBytes,
  type Network,
  type ParseLineOptions,
  parseLine,
  plugwireProtocol,
} from "./line.ts";
export { type LineFound, LineScanner, type Scan } from "./line_scanner.ts";
export { type ListenEnvironment, readListenEnvironment } from "./listen_environment.ts";
export {
  addressText,
  checkExposure,
  type Exposure,
  isLoopback,
  parseAddress,
  parseSecret,
} from "./network_address.ts";
export {
  formatQuota,
  minOutputBytes,
  type OutputQuota,
  parseQuota,
  quotaBytes,
  quotaFileName,
} from "./output_quota.ts";
export { type PluginEnvironment, readPluginEnvironment } from "./plugin_environment.ts";
export { chooseProtocol } from "./protocol.ts";
export {
  parseReattachInfo,
  type ReattachInfo,
  type ReattachOutput,
  reattachSecret,
  secretOf,
} from "./reattach_info.ts";
export {
  type ExampleCall,
  type StartedByHandOptions,
  startedByHand,
  startedByHandExitCode,
} from "./started_by_hand.ts";
export {
  DebugVariable,
  debugVariables,
  handshakeVariables,
  ListenVariable,
  listenVariables,
  Variable,
} from "./variables.ts";
export {
  acceptVersion,
  agreedVersion,
  checkVersions,
  chooseVersion,
  isVersion,
  maxVersion,
  versionForLine,
} from "./versions.ts";
