import type { Contract } from "../contract/mod.ts";
import type { ReattachInfo } from "../handshake/mod.ts";
import type { OfferedContract } from "../hello/mod.ts";
import { type Dispensed, dispenseMoving, type RpcSession } from "../rpc/mod.ts";
import type { ExitStatus, Runtime } from "../runtime/runtime.ts";
import type { Connection } from "./_connection.ts";
import { endSession } from "./_end_session.ts";
import { unknownExit } from "./_other_running.ts";
import { checkStopOptions } from "./check_options.ts";
import type { AddressOptions, ConnectedPlugin } from "./connect_options.ts";
import { keepHello } from "./hello_of.ts";
import { defaultGraceMs } from "./options.ts";
import type { Released, StopOptions } from "./plugin.ts";

/** A plugin that something else has started, and that this host has connected to. */
export class AddressedPlugin implements ConnectedPlugin {
  readonly name: string;
  readonly pid: number | undefined = undefined;
  readonly version: number;
  readonly contracts: unknown;
  readonly exited: Promise<ExitStatus>;
  readonly released: Promise<Released>;
  readonly #connection: Connection;
  readonly #runtime: Runtime;
  readonly #options: AddressOptions;
  #left: Promise<void> | undefined;

  constructor(
    connection: Connection,
    { runtime, name, options }: { readonly runtime: Runtime; readonly name: string; readonly options: AddressOptions },
  ) {
    this.#connection = connection;
    this.#runtime = runtime;
    this.#options = options;
    this.name = name;
    this.version = connection.last.version;
    this.contracts = options.versions?.[this.version];
    keepHello(this, connection.last.peerHello);
    const over = connection.over.then(() => this.#left ?? connection.last.closed.then(() => {}));
    this.exited = over.then(() => unknownExit);
    this.released = over.then(() => ({ reason: this.#left === undefined ? "lost" : "detached" }));
  }

  get isConnected(): boolean {
    return this.#connection.isConnected;
  }

  get serves(): readonly OfferedContract[] {
    return this.#session.peerHello.contracts;
  }

  dispense<T, I>(contract: Contract<T, I>): Dispensed<T> {
    if (!this.#options.reconnect || this.#left !== undefined) return this.#session.dispense(contract);
    return dispenseMoving(this.#connection, contract) as Dispensed<T>;
  }

  ping(): Promise<number> {
    return this.#session.ping();
  }

  async stop(options: StopOptions = {}): Promise<ExitStatus> {
    checkStopOptions(options);
    this.#left ??= this.#leave(options);
    await this.#left;
    return unknownExit;
  }

  reattachInfo(): ReattachInfo {
    throw this.#noReattach();
  }

  async detach(): Promise<ReattachInfo> {
    throw this.#noReattach();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  get #session(): RpcSession {
    return this.#connection.last;
  }

  async #leave({ graceMs = this.#options.graceMs ?? defaultGraceMs }: StopOptions): Promise<void> {
    const { name } = this;
    const session = this.#session;
    const { log } = session.environment;
    this.#connection.end();
    await endSession(session, { name, runtime: this.#runtime, graceMs, log, detaching: true });
    await session.closed;
  }

  #noReattach(): TypeError {
    const way = "stop() leaves it as it is, and connect() with its address joins it again";
    return new TypeError(
      `plugin ${this.name} was not started by a host, so that there is nothing to take over: ${way}`,
    );
  }
}
