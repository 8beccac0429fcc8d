/**
 * Plugins as separate processes, called like local objects, on Node, Deno and Bun.
 *
 * @example
 * ```ts
 * import { contract, inProcess, method } from "@plugwire/plugwire";
 * import * as v from "valibot";
 *
 * const greeter = contract("greeter", { greet: method([v.string()], v.string()) });
 * await using plugin = await inProcess(greeter.implement({ greet: (name) => `Hello, ${name}!` }));
 * console.log(await plugin.dispense(greeter).greet("World")); // Hello, World!
 * ```
 *
 * @module
 */
export {
  type Adaptation,
  type AnyFunction,
  bytes,
  type CallerOf,
  type ChangedMethods,
  type Contract,
  type ContractFacts,
  type ContractOptions,
  callback,
  contract,
  DeclaredError,
  type DeclaredErrors,
  declaredError,
  type Held,
  type Implementation,
  type ImplementationOf,
  type ImplementerOf,
  type InferInput,
  type InferOutput,
  type IsReference,
  isDeclaredError,
  type Leaf,
  type Method,
  type MethodOptions,
  type Methods,
  type MethodsFor,
  method,
  type NewerMethods,
  optional,
  type Peer,
  type ProxyOf,
  type Received,
  type Remote,
  type RemoteIterator,
  type RemoteMethod,
  type RemoteResult,
  referenceTo,
  type SchemaResult,
  type Sent,
  type Served,
  type Shape,
  type StandardSchema,
  stream,
} from "./src/contract/mod.ts";
export {
  ErrorCode,
  type ErrorOrigin,
  type Execution,
  errorOrigin,
  type LimitedResource,
  PluginError,
  type PluginErrorFacts,
  type PluginErrorOptions,
} from "./src/errors/mod.ts";
export type {
  CommandOptions,
  ComposedCommand,
  DebuggedPlugin,
  DenoPermissionsOptions,
  HandshakeOptions,
  InspectOption,
  InspectOptions,
  ReattachInfo,
  ReattachOutput,
  TransportName,
} from "./src/handshake/mod.ts";
export type { MethodNotes, OfferedContract } from "./src/hello/mod.ts";
export * from "./src/host/mod.ts";
export { type Logger, type LogLevel, type LogRecord, type LogSink, log, type NamedLogger } from "./src/log/mod.ts";
export { type ListenOptions, type ServedVersions, type ServeOptions, serve, serveOver } from "./src/plugin/mod.ts";
export {
  type CallContext,
  type CallOptions,
  type ContractMismatch,
  callContext,
  type Dispensed,
  type InterceptedCall,
  type Interceptor,
  type KeepAliveOptions,
  reference,
  retain,
  withOptions,
} from "./src/rpc/mod.ts";
export {
  type ContainerMount,
  type ContainerOptions,
  containerRunner,
  type Entry,
  processRunner,
  type Resources,
  type Runner,
  type Running,
  type RunSpec,
  workerRunner,
} from "./src/runner/mod.ts";
export type {
  Address,
  AsyncContext,
  ByteSource,
  ChildProcess,
  ConnectSocketOptions,
  ExitStatus,
  FileStat,
  FileUse,
  Listener,
  ListenSocketOptions,
  OpenFile,
  OpenFileFacts,
  Runtime,
  RuntimeName,
  SpawnOptions,
  StdioMode,
  Timer,
  TlsOptions,
  WorkerOptions,
  WorkerThread,
} from "./src/runtime/runtime.ts";
export { type EndSubscription, type Push, type SubscriptionOptions, subscription } from "./src/streams/mod.ts";
export type { TraceDirection, TraceEvent, TraceOption } from "./src/trace/mod.ts";
export type { Duplex, Link, LinkHandler } from "./src/transport/mod.ts";
export type { Limits } from "./src/wire/mod.ts";
