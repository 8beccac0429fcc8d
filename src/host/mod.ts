/** The host's side: launch, join, stop. @module */

export type { LogOption, OutputSink } from "../output/mod.ts";
export { attach } from "./attach.ts";
export { type ClosedPlugin, closeAll } from "./close_all.ts";
export { connect } from "./connect.ts";
export type {
  AddressOptions,
  ConnectedPlugin,
  ConnectedPluginOf,
  ConnectionEvent,
  ReconnectOptions,
} from "./connect_options.ts";
export { type DiscoverOptions, discover } from "./discover.ts";
export { inProcess } from "./in_process.ts";
export { launch, type PluginOf } from "./launch.ts";
export type {
  AttachOptions,
  ConnectOptions,
  LaunchOptions,
  ReattachOptions,
  VersionMap,
} from "./options.ts";
export type { Plugin, Released, StopOptions } from "./plugin.ts";
export { type ReattachFileOptions, readReattachInfo, saveReattachInfo } from "./reattach_file.ts";
