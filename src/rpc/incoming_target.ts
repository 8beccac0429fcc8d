import { type Instance, type Method, type Peer, type Served, servedParts } from "../contract/mod.ts";
import type { IncomingCall } from "./incoming_call.ts";

/** A method of an implementation, ready to be called. */
export interface BoundMethod {
  readonly spec: Method | undefined;
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
  #queue: IncomingCall[] = [];

  constructor(served: Served, peer: Peer) {
    const { name, contract, make } = servedParts(served);
    this.contract = name;
    const bind = (instance: Instance): void => {
      this.#methods = bindMethods(instance, contract.methods);
    };
    try {
      const made = make(peer);
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
      this.#queue.push(call);
      return;
    }
    const pending = call.begin(this);
    if (pending !== undefined) this.#wait(pending);
  }

  #wait(pending: Promise<void>): void {
    this.#isBusy = true;
    const go = (): void => {
      this.#isBusy = false;
      while (!this.#isBusy && this.#queue.length > 0) this.admit(this.#queue.shift()!);
    };
    pending.then(go, (error) => {
      this.#failure = { error };
      go();
    });
  }
}

function bindMethods(
  instance: Instance,
  specs: ReadonlyMap<string, Method> | undefined,
): ReadonlyMap<string, BoundMethod> {
  const { implementation, methods } = instance;
  const bound = new Map<string, BoundMethod>();
  for (const [name, method] of methods) {
    bound.set(name, { spec: specs?.get(name), invoke: (args) => Reflect.apply(method, implementation, args) });
  }
  return bound;
}
