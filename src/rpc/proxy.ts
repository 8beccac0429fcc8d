import type { Method } from "../contract/mod.ts";
import { type CallOptions, registerProxy } from "./call_options.ts";
import type { OutgoingTarget } from "./outgoing_target.ts";
import type { RpcSession } from "./rpc_session.ts";
import { startCall } from "./start_call.ts";

/** Names that are never remote, as JavaScript itself asks for them. */
const local: ReadonlySet<string> = new Set(["then", "toJSON", "constructor"]);
/** Asked for too, of an object that does not say what it has. */
const localWhenOpen: ReadonlySet<string> = new Set([...local, "valueOf", "toString"]);

/** Makes a call of a proxy. */
export type Call = (method: string, args: readonly unknown[], options: CallOptions | undefined) => Promise<unknown>;

type RemoteMethod = (...args: unknown[]) => Promise<unknown>;

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
  const used = usedOptions(options);
  const method = (name: string): RemoteMethod => {
    const spec = specs?.get(name);
    return (...args) => startCall(session, target, name, spec, args, used);
  };
  const proxy = methodsOf(names ?? [], method);
  proxy[Symbol.dispose] = () => target.drop();
  const given = names === undefined ? openProxy(proxy, method) : Object.freeze(proxy);
  registerProxy(given, options, (changed) => makeProxy(session, target, names, specs, changed));
  return given;
}

/** The same for calls that find their own way. @param drop Called when it is disposed of. */
export function makeCallingProxy(
  call: Call,
  drop: () => void,
  names: readonly string[] | undefined,
  options: CallOptions,
): object {
  const used = usedOptions(options);
  const method =
    (name: string): RemoteMethod =>
    (...args) =>
      call(name, args, used);
  const proxy = methodsOf(names ?? [], method);
  proxy[Symbol.dispose] = drop;
  return names === undefined ? openProxy(proxy, method) : Object.freeze(proxy);
}

/** The same of an object that crossed by reference. @param dispose Called with it as `this`. */
export function makeReferenceProxy(
  target: OutgoingTarget,
  names: readonly string[],
  options: CallOptions | undefined,
  dispose: () => void,
): object {
  const proxy = methodsOf(
    names,
    (name) =>
      (...args) =>
        // What the contract says of it is known only later than the object.
        startCall(target.session, target, name, target.specOf(name), args, options),
  );
  proxy[Symbol.dispose] = dispose;
  return Object.freeze(proxy);
}

/** Options to heed; `undefined` when there are none. */
function usedOptions(options: CallOptions): CallOptions | undefined {
  const { signal, timeoutMs, metadata } = options;
  return signal === undefined && timeoutMs === undefined && metadata === undefined ? undefined : options;
}

function methodsOf(names: readonly string[], method: (name: string) => RemoteMethod): Record<PropertyKey, unknown> {
  const proxy = Object.create(null) as Record<PropertyKey, unknown>;
  for (const name of names) if (!local.has(name)) proxy[name] = method(name);
  return proxy;
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
