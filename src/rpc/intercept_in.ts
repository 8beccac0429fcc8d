import type { Method } from "../contract/mod.ts";
import { ErrorCode, errorOrigin, PluginError } from "../errors/mod.ts";
import type { IncomingState } from "./_incoming_state.ts";
import { type InterceptedCall, type Interceptor, runChain } from "./interceptors.ts";
import type { RpcSession } from "./rpc_session.ts";

/** What the other side made, on its way through this side's interceptors. */
class InterceptedIn implements InterceptedCall {
  readonly direction = "in";
  readonly idempotent: boolean;
  args: readonly unknown[];
  readonly #session: RpcSession;
  readonly #state: IncomingState;

  constructor(session: RpcSession, state: IncomingState, spec: Method | undefined, args: readonly unknown[]) {
    this.#session = session;
    this.#state = state;
    this.idempotent = spec?.idempotent === true;
    this.args = args;
  }

  get contract(): string {
    return this.#state.contract;
  }

  get method(): string {
    return this.#state.method;
  }

  get metadata(): Record<string, unknown> {
    this.#state.metadata ??= {};
    return this.#state.metadata;
  }

  get signal(): AbortSignal {
    return this.#state.context.signal;
  }

  get deadline(): number | undefined {
    return this.#state.context.deadline;
  }

  get peer(): string {
    return this.#session.peerName;
  }

  get plugin(): string | undefined {
    return this.#session.plugin;
  }
}

/** Whether an interceptor refused a call, and says so in the words of Plugwire. */
export function isRefusal(error: unknown): error is PluginError {
  return error instanceof PluginError && error.code === ErrorCode.refused && errorOrigin(error) === "local";
}

/** What becomes of a call that goes through interceptors. */
export interface IncomingOutcome {
  /** Settles when the implementation was called, or will not be: until then the calls after it wait. `undefined` when it was. */
  readonly started: Promise<void> | undefined;
  /** What the interceptors give in the end. */
  readonly result: Promise<unknown>;
  /** Whether the implementation was called. */
  readonly ran: () => boolean;
}

/**
 * Answers a call through interceptors, within the call's own context.
 *
 * @param invoke Calls the implementation.
 */
export function interceptIn(
  session: RpcSession,
  interceptors: readonly Interceptor[],
  state: IncomingState,
  spec: Method | undefined,
  args: readonly unknown[],
  invoke: (args: readonly unknown[]) => unknown,
): IncomingOutcome {
  const call = new InterceptedIn(session, state, spec, args);
  let hasRun = false;
  let isDecided = false;
  let decide: (() => void) | undefined;
  const decided = (): void => {
    isDecided = true;
    decide?.();
  };
  const last = async (): Promise<unknown> => {
    if (state.isAborted) throw state.abortReason;
    hasRun = true;
    try {
      const running = invoke(call.args);
      decided();
      return await running;
    } finally {
      decided();
    }
  };
  const run = (): Promise<unknown> => runChain(interceptors, call, last);
  const result = session.environment.context.run(state, run).finally(decided);
  const started = isDecided
    ? undefined
    : new Promise<void>((resolve) => {
        decide = resolve;
      });
  return { started, result, ran: () => hasRun };
}
