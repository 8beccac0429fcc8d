import type { Shape } from "../contract/mod.ts";
import type { MuxStream } from "../mux/mod.ts";
import type { Export, Import } from "../references/mod.ts";
import type { Imported } from "./imported.ts";
import type { IncomingTarget } from "./incoming_target.ts";
import type { RpcSession } from "./rpc_session.ts";

/** What a reference is. PROTOCOL.md §8.6. */
export const KindCode = { function: 0, object: 1, readable: 2, iterable: 3, writable: 4, signal: 5 } as const;

/** The call that a message belongs to. */
export interface NamedCall {
  readonly contract: string;
  /** What its method is called in errors. */
  readonly label: string;
  /** False while it goes on; `undefined` where nobody asks. */
  readonly isSettled?: boolean | undefined;
}

/** The call in which a reference crossed, for errors and call contexts. */
export class Origin implements NamedCall {
  contract: string;
  method: string;

  constructor(contract = "", method = "") {
    this.contract = contract;
    this.method = method;
  }

  get label(): string {
    return this.method;
  }
}

/** Where a value of this side is given to the peer. */
export interface ExportPlace {
  readonly session: RpcSession;
  readonly entry: Export<Exported>;
  readonly origin: Origin;
  /** The call whose message names it first. */
  readonly call: NamedCall;
  /** What the contract says of it; `undefined` where it stands in other data, and for a contract of types alone. */
  readonly shape: Shape | undefined;
  /** It belongs to the peer, as part of a result or of an item; else it is lent to a call. */
  readonly isGiven: boolean;
}

/** A value of this side that the peer holds, as its kind keeps it. */
export interface Exported {
  /** What calls of it go to; left out where it cannot be called. */
  readonly target?: IncomingTarget | undefined;
  /** What follows kind and number in each message that names it. */
  facts?(): readonly unknown[];
  /** Another message is to name it, of this call. @throws PluginError when it must not. */
  again?(call: NamedCall): void;
  /** A call of it opens a stream: it has no reply, and this decides what handles the stream from now on. */
  open?(stream: MuxStream): void;
  /** The session is being ended; what runs may go on to its own end. */
  drain?(): void;
  /** The peer holds it no longer, or the session is over. */
  released?(): void;
}

/** Where a value of the peer arrives. */
export interface ImportPlace {
  readonly session: RpcSession;
  readonly entry: Import<Imported>;
  readonly origin: Origin;
}

/** One kind of reference: how its values leave and arrive. */
export interface ReferenceKind {
  readonly code: number;
  /**
   * Tells whether a value is of this kind.
   * @param shape What the contract says of it, if anything.
   */
  accepts(value: object, shape: Shape | undefined): boolean;
  /** Begins to export a value of this kind. @throws PluginError, TypeError when it cannot be. */
  export(value: object, place: ExportPlace): Exported;
  /**
   * Makes what stands for a value of the peer.
   *
   * @param facts What follows kind and number; nobody has checked it.
   * @throws PluginError `bad_message`
   */
  import(place: ImportPlace, facts: readonly unknown[]): Imported;
}
