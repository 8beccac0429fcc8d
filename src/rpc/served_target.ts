import { type Instance, type Served, servedParts } from "../contract/mod.ts";
import { type BoundMethod, bindMethods } from "./bound_method.ts";
import { IncomingTarget } from "./incoming_target.ts";
import type { RpcSession } from "./rpc_session.ts";

/** A contract of this side that the peer dispensed, with the implementation made for it. */
export class ServedTarget extends IncomingTarget {
  readonly contract: string;
  #methods: ReadonlyMap<string, BoundMethod> = new Map();

  constructor(served: Served, session: RpcSession) {
    super();
    const { name, contract, make } = servedParts(served);
    this.contract = name;
    const bind = ({ implementation, methods }: Instance): void => {
      this.#methods = bindMethods(implementation, methods, contract.methods, name);
    };
    try {
      // A frame may arrive in the flow of whatever call happened to open the connection; this is no part of that one.
      const made = session.environment.context.run(undefined, make, session.peer);
      if (made instanceof Promise) this.wait(made.then(bind));
      else bind(made);
    } catch (error) {
      this.fail(error);
    }
  }

  get methodNames(): readonly string[] {
    return [...this.#methods.keys()];
  }

  method(name: string): BoundMethod | undefined {
    return this.#methods.get(name);
  }
}
