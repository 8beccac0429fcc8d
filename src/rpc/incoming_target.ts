import { type Instance, type Method, type Served, servedParts } from "../contract/mod.ts";
import type { IncomingCall } from "./incoming_call.ts";
import type { RpcSession } from "./rpc_session.ts";

/** A method of an implementation, ready to be called. */
export interface BoundMethod {
  readonly spec: Method | undefined;
  /** What it is called in errors. */
  readonly place: { readonly contract: string; readonly method: string };
  readonly invoke: (args: readonly unknown[]) => unknown;
}

/**
 * A contract of this side that the peer dispensed: the implementation made for it, and its calls in the order they
 * were made. A call whose arguments are still being checked holds back those after it. PROTOCOL.md §8.5.
 */
export class IncomingTarget {
  readonly contract: string;
  #methods: ReadonlyMap<string, BoundMethod> = new Map();
  #failure: { readonly error: unknown } | undefined;
  #isBusy = false;
  /** A set, so that a call that is given up leaves it at once. */
  readonly #queue: Set<IncomingCall> = new Set();

  constructor(served: Served, session: RpcSession) {
    const { name, contract, make } = servedParts(served);
    this.contract = name;
    const bind = (instance: Instance): void => {
      this.#methods = bindMethods(name, instance, contract.methods);
    };
    try {
      // A frame may arrive in the flow of whatever call happened to open the connection; this is no part of that one.
      const made = session.environment.context.run(undefined, make, session.peer);
      if (made instanceof Promise) this.#wait(made.then(bind));
      else bind(made);
    } catch (error) {
      this.#failure = { error };
    }
  }

  /** What the factory threw. */
  get failure(): { readonly error: unknown } | undefined {
    return this.#failure;
  }

  get methodNames(): readonly string[] {
    return [...this.#methods.keys()];
  }

  method(name: string): BoundMethod | undefined {
    return this.#methods.get(name);
  }

  /** Starts a call after those before it. */
  admit(call: IncomingCall): void {
    if (this.#isBusy) {
      this.#queue.add(call);
      return;
    }
    const pending = call.begin(this);
    if (pending !== undefined) this.#wait(pending);
  }

  /** A call that waits was given up. */
  withdraw(call: IncomingCall): void {
    this.#queue.delete(call);
  }

  #wait(pending: Promise<void>): void {
    this.#isBusy = true;
    const go = (): void => {
      this.#isBusy = false;
      for (const call of this.#queue) {
        if (this.#isBusy) return;
        this.#queue.delete(call);
        this.admit(call);
      }
    };
    pending.then(go, (error) => {
      this.#failure = { error };
      go();
    });
  }
}

function bindMethods(
  contract: string,
  instance: Instance,
  specs: ReadonlyMap<string, Method> | undefined,
): ReadonlyMap<string, BoundMethod> {
  const { implementation, methods } = instance;
  const bound = new Map<string, BoundMethod>();
  for (const [name, method] of methods) {
    bound.set(name, {
      spec: specs?.get(name),
      place: { contract, method: name },
      invoke: (args) => Reflect.apply(method, implementation, args),
    });
  }
  return bound;
}
