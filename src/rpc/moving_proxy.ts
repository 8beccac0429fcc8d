import { type Contract, checkContract, type Method, methodsOf } from "../contract/mod.ts";
import { ErrorCode, PluginError } from "../errors/mod.ts";
import { callError, lateError, lostError } from "./_call_failures.ts";
import { type CallOptions, registerProxy } from "./call_options.ts";
import type { OutgoingTarget } from "./outgoing_target.ts";
import { type Call, makeCallingProxy } from "./proxy.ts";
import type { RpcSession } from "./rpc_session.ts";
import { startCall, startCallLater } from "./start_call.ts";

/** Where calls go that outlast a session: to one session after another. */
export interface MovingSession {
  /** The session at present, or the last one. */
  readonly last: RpcSession;
  /** The session for a call now; `undefined` while there is none, or calls before it wait for one. */
  readonly current: RpcSession | undefined;
  /**
   * Settles when there is one again. Who asked first is the first to go on.
   *
   * @throws PluginError when there is none in time; the signal's reason.
   */
  next(options: {
    readonly timeoutMs?: number | undefined;
    readonly signal?: AbortSignal | undefined;
  }): Promise<RpcSession>;
}

/**
 * A proxy of a contract that goes on when its session has been followed by another: the contract is dispensed there anew.
 *
 * @throws TypeError for what is no contract.
 * @throws PluginError `no_such_contract`, `no_such_method`, `contract_mismatch`: as the last session has it.
 */
export function dispenseMoving(moving: MovingSession, contract: Contract<unknown, unknown>): object {
  checkContract("dispense", contract);
  return new MovingTarget(moving, contract).proxy({});
}

class MovingTarget {
  readonly #moving: MovingSession;
  readonly #contract: Contract<unknown, unknown>;
  readonly #names: readonly string[] | undefined;
  readonly #specs: ReadonlyMap<string, Method> | undefined;
  /** Where it was dispensed last. */
  #target: OutgoingTarget | undefined;
  #isDropped = false;

  constructor(moving: MovingSession, contract: Contract<unknown, unknown>) {
    this.#moving = moving;
    this.#contract = contract;
    this.#names = moving.last.checkServed(contract);
    this.#specs = methodsOf(contract);
  }

  proxy(options: CallOptions): object {
    const call: Call = (method, args, used) => this.#call(method, args, used);
    const made = makeCallingProxy(call, () => this.#drop(), this.#names, options);
    registerProxy(made, options, (changed) => this.proxy(changed));
    return made;
  }

  #call(method: string, args: readonly unknown[], options: CallOptions | undefined): Promise<unknown> {
    const spec = this.#specs?.get(method);
    const session = this.#moving.current;
    if (session === undefined || (this.#target?.session !== session && this.#cannotBeDispensed(session)))
      return startCallLater(this.#later(method, spec, args, options), spec);
    return startCall(session, this.#targetOf(session), method, spec, args, options);
  }

  /** What makes a call fail is for who awaits it. */
  #cannotBeDispensed(session: RpcSession): boolean {
    try {
      this.#targetOf(session);
      return false;
    } catch {
      // Thrown again where the call is made later.
      return true;
    }
  }

  async #later(
    method: string,
    spec: Method | undefined,
    args: readonly unknown[],
    options: CallOptions | undefined,
  ): Promise<unknown> {
    const { plugin, environment } = this.#moving.last;
    const contract = this.#contract.name;
    const facts = { contract, method, plugin };
    const call = { name: `${contract}.${method}`, facts };
    if (this.#isDropped) throw callError(call, ErrorCode.closed, "the proxy was disposed of", "none");
    const { timeoutMs, signal } = options ?? {};
    const beganMs = environment.scheduler.now();
    let session: RpcSession;
    try {
      session = await this.#moving.next({ timeoutMs, signal });
      this.#targetOf(session);
    } catch (error) {
      if (!(error instanceof PluginError)) throw error;
      if (error.code === ErrorCode.timeout && timeoutMs !== undefined) throw lateError(call, timeoutMs, "none");
      throw lostError(call, error, "none");
    }
    if (timeoutMs === undefined) return startCall(session, this.#targetOf(session), method, spec, args, options);
    const leftMs = Math.max(0, timeoutMs - (environment.scheduler.now() - beganMs));
    const rest = { ...options, timeoutMs: leftMs };
    return startCall(session, this.#targetOf(session), method, spec, args, rest);
  }

  #targetOf(session: RpcSession): OutgoingTarget {
    if (this.#target?.session === session) return this.#target;
    const target = session.dispenser.open(this.#contract).target;
    this.#target = target;
    if (this.#isDropped) target.drop();
    return target;
  }

  #drop(): void {
    this.#isDropped = true;
    this.#target?.drop();
  }
}
