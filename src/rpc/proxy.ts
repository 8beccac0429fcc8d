import type { Method } from "../contract/mod.ts";
import { type CallOptions, registerProxy } from "./call_options.ts";
import { interceptOut, type SendCall } from "./intercept_out.ts";
import { OutgoingCall } from "./outgoing_call.ts";
import type { OutgoingTarget } from "./outgoing_target.ts";
import type { RpcSession } from "./rpc_session.ts";

/** Names that are never remote, as JavaScript itself asks for them. */
const local: ReadonlySet<string> = new Set(["then", "toJSON", "constructor"]);
/** Asked for too, of an object that does not say what it has. */
const localWhenOpen: ReadonlySet<string> = new Set([...local, "valueOf", "toString"]);

/**
 * The local object whose methods are calls: plain, without a prototype, made of the names in the peer's hello. Where the
 * hello could not know them (a factory of a contract of types alone) any name is a method.
 */
export function makeProxy(
  session: RpcSession,
  target: OutgoingTarget,
  names: readonly string[] | undefined,
  specs: ReadonlyMap<string, Method> | undefined,
  options: CallOptions,
): object {
  const remake = (changed: CallOptions): object => makeProxy(session, target, names, specs, changed);
  const hasOptions = options.signal !== undefined || options.timeoutMs !== undefined || options.metadata !== undefined;
  const method = (name: string): ((...args: unknown[]) => Promise<unknown>) => {
    const spec = specs?.get(name);
    const used = hasOptions ? options : undefined;
    const send: SendCall = (args, callOptions, parent) =>
      new OutgoingCall(session, target, name, spec).start(args, callOptions, parent);
    const { interceptors } = session;
    if (interceptors === undefined) return (...args) => send(args, used, session.environment.context.get());
    const place = { line: target, contract: target.contract, method: name, spec };
    return (...args) => interceptOut(session, interceptors, place, args, used, session.environment.context.get(), send);
  };
  const proxy = Object.create(null) as Record<PropertyKey, unknown>;
  for (const name of names ?? []) if (!local.has(name)) proxy[name] = method(name);
  proxy[Symbol.dispose] = () => target.drop();
  const given = names === undefined ? openProxy(proxy, method) : Object.freeze(proxy);
  registerProxy(given, options, remake);
  return given;
}

function openProxy(known: Record<PropertyKey, unknown>, method: (name: string) => unknown): object {
  return new Proxy(known, {
    get(object, key) {
      if (typeof key === "symbol" || localWhenOpen.has(key)) return object[key];
      object[key] ??= method(key);
      return object[key];
    },
  });
}
