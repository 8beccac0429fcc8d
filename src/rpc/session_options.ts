import type { Served } from "../contract/mod.ts";
import type { PluginError } from "../errors/mod.ts";
import type { Hello } from "../hello/mod.ts";
import type { Role } from "../mux/mod.ts";
import type { Limits } from "../wire/mod.ts";
import type { ContractMismatch } from "./contract_comparison.ts";
import type { RpcEnvironment } from "./environment.ts";
import type { Interceptor } from "./interceptors.ts";

/** What a session keeps. */
export interface SessionCounts {
  /** Streams open, from either side. */
  readonly streams: number;
  /** Calls that wait for room. */
  readonly waiting: number;
  /** Contracts dispensed, by either side. */
  readonly dispensed: number;
  /** Values of this side that the other one holds. */
  readonly exports: number;
  /** Values of the other side that this one holds. */
  readonly imports: number;
}

/** Options of `RpcSession`. */
export interface RpcSessionOptions {
  readonly role: Role;
  readonly limits: Limits;
  readonly environment: RpcEnvironment;
  /** What the other side is called in errors: `plugin greeter`, `the host`. */
  readonly peerName: string;
  /** Name of the plugin that the other side is; left out for the host. */
  readonly plugin?: string;
  /** 32 bytes known to both sides. */
  readonly secret?: Uint8Array;
  /** What the proofs are bound to beside what was said: see `Link.binding`. */
  readonly binding?: Uint8Array | undefined;
  /** This side's hello; a plugin knows the host's by then. */
  hello(peer: Hello | undefined): Hello;
  /** The protocol version that this side and a peer with this hello have in common. Default 1. @throws PluginError */
  version?(peer: Hello): number;
  /** Looks at the hello of a peer that has proved itself, before this side does: what it throws ends the session. */
  trusted?(peer: Hello): void;
  /** What is served to a peer that said this hello. */
  serve(peer: Hello): readonly Served[];
  /** Stand around every call, both ways; the first is the outermost. */
  readonly interceptors?: readonly Interceptor[];
  /** Whether the stacks of what is thrown here travel. Default `false`. */
  readonly sendStacks?: boolean;
  /** Whether what is sent more than once in a message arrives as one, cycles too. Default `false`. */
  readonly sharedStructure?: boolean;
  /** What to do about a contract that the other side knows differently. Default `"warn"`. */
  readonly contractMismatch?: ContractMismatch;
  /** Says more about a session that was lost, such as how the process ended. */
  explain?(error: PluginError): Promise<PluginError>;
}
