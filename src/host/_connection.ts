import { ErrorCode, PluginError } from "../errors/mod.ts";
import type { MovingSession, RpcSession } from "../rpc/mod.ts";
import type { Timer } from "../runtime/runtime.ts";
import { backoffMs } from "./_backoff.ts";
import { away, gaveUp, noAnswer, timedOut, tooLate, type Where } from "./_connection_errors.ts";
import { wasDetached } from "./_end_session.ts";
import { type ConnectionParts, connectOnce, placeOf } from "./_one_connection.ts";
import type { ConnectionEvent, ReconnectOptions } from "./connect_options.ts";

/** What one attempt may take, in ms: a network that swallows what it is sent must not hold up the next one. */
const attemptMs = 10_000;
/** What may be otherwise in a moment: nobody listens yet, or the plugin is just going. */
const passing: readonly string[] = [
  ErrorCode.connectFailed,
  ErrorCode.closed,
  ErrorCode.transport,
  ErrorCode.timeout,
  ErrorCode.draining,
  ErrorCode.limit,
];

/** How a {@linkcode Connection} goes on. */
export interface ConnectionOptions {
  /** `undefined`: it ends with its first session. */
  readonly reconnect: Required<ReconnectOptions> | undefined;
  readonly startTimeoutMs: number;
  readonly tell: (event: ConnectionEvent) => void;
  /** From 0 to 1. */
  readonly random: () => number;
}

/** The connection with a plugin at an address: one session, or one after another. */
export class Connection implements MovingSession {
  readonly #parts: ConnectionParts;
  readonly #options: ConnectionOptions;
  readonly #over: PromiseWithResolvers<PluginError | undefined> = Promise.withResolvers();
  readonly #ended: AbortController = new AbortController();
  #last: RpcSession | undefined;
  #isConnected = false;
  #hasEnded = false;
  /** Settles with the next session. */
  #arrival: PromiseWithResolvers<RpcSession> = newArrival();
  /** It has settled. */
  #hasArrived = false;
  /** Calls that wait for it, or are about to go on. */
  #waiting = 0;
  /** In a row, those of connections that did not last among them. */
  #failed = 0;
  /** Since the connection was there last. */
  #attempts = 0;
  #connectedMs = 0;
  #awayMs = 0;
  #error: PluginError | undefined;
  #retry: Timer | undefined;

  constructor(parts: ConnectionParts, options: ConnectionOptions) {
    this.#parts = parts;
    this.#options = options;
  }

  get last(): RpcSession {
    return this.#last!;
  }

  /** Whether there is a session now. */
  get isConnected(): boolean {
    return this.#isConnected && !this.last.isOver;
  }

  get current(): RpcSession | undefined {
    if (!this.#isConnected || this.#waiting > 0) return undefined;
    const session = this.last;
    if (session.isOver) return this.#options.reconnect === undefined ? session : undefined;
    // What runs may still call, else the session would wait for it, and it for the next session.
    const isNested = session.isDraining && session.environment.context.get() !== undefined;
    return session.isDraining && !isNested ? undefined : session;
  }

  /** Which plugin, for errors. */
  get #where(): Where {
    const { name, address } = this.#parts;
    return { plugin: name, place: placeOf(name, address) };
  }

  /** Settles when no session will follow, with what ended the last one. Never rejects. */
  get over(): Promise<PluginError | undefined> {
    return this.#over.promise;
  }

  /** The first session. @param signal Gives up. @throws PluginError, or the signal's reason. */
  async open(signal: AbortSignal | undefined): Promise<RpcSession> {
    const { startTimeoutMs, reconnect } = this.#options;
    const { runtime, name } = this.#parts;
    const giveUp = new AbortController();
    const late = (): void => giveUp.abort(tooLate(this.#where, startTimeoutMs, this.#failed, this.#error));
    const onAbort = (): void => giveUp.abort(signal?.reason);
    signal?.throwIfAborted();
    signal?.addEventListener("abort", onAbort);
    const timer = runtime.setTimer(late, startTimeoutMs, { keepAlive: true });
    try {
      for (;;) {
        try {
          return this.#begin(await this.#connect(giveUp.signal));
        } catch (error) {
          giveUp.signal.throwIfAborted();
          if (!(error instanceof PluginError)) throw error;
          this.#error = error;
          if (reconnect === undefined || !passing.includes(error.code)) throw error;
        }
        const delayMs = backoffMs(this.#failed++, reconnect, this.#options.random());
        this.#parts.log.debug(`plugin ${name} is not there yet; attempt ${this.#failed} failed`, {
          error: this.#error,
        });
        await this.#delay(delayMs, giveUp.signal);
      }
    } finally {
      timer.cancel();
      signal?.removeEventListener("abort", onAbort);
    }
  }

  async next(options: {
    readonly timeoutMs?: number | undefined;
    readonly signal?: AbortSignal | undefined;
  }): Promise<RpcSession> {
    const { reconnect } = this.#options;
    if (this.#hasEnded || reconnect === undefined) throw this.#error ?? wasDetached(this.#parts.name);
    const { timeoutMs = Number.POSITIVE_INFINITY, signal } = options;
    signal?.throwIfAborted();
    const there = this.#isConnected && !this.last.isOver && !this.last.isDraining;
    if (!there) this.#expect();
    const waitMs = Math.min(timeoutMs, reconnect.waitMs);
    const late = Promise.withResolvers<never>();
    const fail = (): void =>
      late.reject(
        timeoutMs < reconnect.waitMs
          ? timedOut(this.#where, timeoutMs)
          : away(this.#where, reconnect.waitMs, this.#error),
      );
    const abort = (): void => late.reject(signal?.reason);
    signal?.addEventListener("abort", abort);
    const timer =
      there || waitMs === Number.POSITIVE_INFINITY
        ? undefined
        : this.#parts.runtime.setTimer(fail, waitMs, { keepAlive: true });
    this.#waiting++;
    try {
      return await Promise.race([this.#arrival.promise, late.promise]);
    } finally {
      this.#waiting--;
      timer?.cancel();
      signal?.removeEventListener("abort", abort);
    }
  }

  /** Who asks from now on waits for the next session. */
  #expect(): void {
    if (!this.#hasArrived) return;
    this.#arrival = newArrival();
    this.#hasArrived = false;
  }

  /** No session follows any more. The one that is there is not ended by it. */
  end(): void {
    this.#finish(undefined);
  }

  #begin(session: RpcSession): RpcSession {
    this.#last = session;
    this.#isConnected = true;
    this.#connectedMs = performance.now();
    void session.closed.then((error) => this.#onLost(error));
    this.#hasArrived = true;
    this.#arrival.resolve(session);
    return session;
  }

  #onLost(error: PluginError | undefined): void {
    this.#isConnected = false;
    if (this.#hasEnded) return;
    const { reconnect } = this.#options;
    const { name, address, log } = this.#parts;
    const why = error ?? new PluginError(ErrorCode.closed, `plugin ${name} ended the session`, { plugin: name });
    if (reconnect === undefined) return this.#finish(why);
    this.#expect();
    this.#awayMs = performance.now();
    this.#attempts = 0;
    // One that takes connections and drops them is not to be asked without a pause.
    if (this.#awayMs - this.#connectedMs >= reconnect.maxMs) this.#failed = 0;
    log.warn(`the connection to ${placeOf(name, address)} ended; it is made again`, { error: why });
    this.#later(why, reconnect);
  }

  #later(error: PluginError, reconnect: Required<ReconnectOptions>): void {
    this.#error = error;
    const awayMs = performance.now() - this.#awayMs;
    if (awayMs >= reconnect.giveUpMs) return this.#finish(gaveUp(this.#where, error, reconnect.giveUpMs));
    const restMs = reconnect.giveUpMs - awayMs;
    const retryMs = Math.min(restMs, backoffMs(this.#failed++, reconnect, this.#options.random()));
    this.#options.tell({ state: "away", error, attempts: this.#attempts, retryMs });
    if (this.#hasEnded) return;
    this.#retry = this.#parts.runtime.setTimer(() => void this.#again(reconnect), retryMs, { keepAlive: true });
  }

  async #again(reconnect: Required<ReconnectOptions>): Promise<void> {
    const before = this.last.peerHello;
    this.#attempts++;
    try {
      const session = await this.#connect(this.#ended.signal);
      if (this.#hasEnded) return session.close();
      const attempts = this.#attempts;
      const isSameInstance = session.peerHello.instance === before.instance;
      this.#begin(session);
      this.#say(isSameInstance, attempts, session.peerHello.pid);
      this.#options.tell({ state: "connected", isSameInstance, attempts });
    } catch (thrown) {
      if (this.#hasEnded) return;
      const error = PluginError.from(thrown, ErrorCode.connectFailed);
      this.#parts.log.debug(`attempt ${this.#attempts} to connect to plugin ${this.#parts.name} failed`, { error });
      this.#later(error, reconnect);
    }
  }

  #say(isSameInstance: boolean, attempts: number, pid: number): void {
    const { name, address, log } = this.#parts;
    const facts = { attempts, awayMs: Math.round(performance.now() - this.#awayMs) };
    const text = `${placeOf(name, address)} is connected again`;
    if (isSameInstance) log.info(text, facts);
    else log.warn(`${text}, and is another instance: what the one before kept in memory is gone`, { ...facts, pid });
  }

  #finish(error: PluginError | undefined): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#error = error ?? wasDetached(this.#parts.name);
    this.#retry?.cancel();
    this.#ended.abort(this.#error);
    this.#arrival.reject(this.#error);
    if (error !== undefined && this.#options.reconnect !== undefined)
      this.#parts.log.error(`nobody tries to connect to plugin ${this.#parts.name} any more`, { error });
    this.#over.resolve(error);
    this.#options.tell({ state: "closed", error });
  }

  /** One attempt, which is bounded. */
  async #connect(given: AbortSignal): Promise<RpcSession> {
    const { runtime } = this.#parts;
    const giveUp = new AbortController();
    const late = (): void => giveUp.abort(noAnswer(this.#where, attemptMs));
    const abort = (): void => giveUp.abort(given.reason);
    const timer = runtime.setTimer(late, attemptMs, { keepAlive: true });
    given.addEventListener("abort", abort);
    try {
      given.throwIfAborted();
      return await connectOnce(this.#parts, giveUp.signal);
    } finally {
      timer.cancel();
      given.removeEventListener("abort", abort);
    }
  }

  async #delay(delayMs: number, signal: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const timer = this.#parts.runtime.setTimer(resolve, delayMs, { keepAlive: true });
    const abort = (): void => reject(signal.reason);
    signal.addEventListener("abort", abort);
    try {
      signal.throwIfAborted();
      await promise;
    } finally {
      timer.cancel();
      signal.removeEventListener("abort", abort);
    }
  }
}

function newArrival(): PromiseWithResolvers<RpcSession> {
  const arrival = Promise.withResolvers<RpcSession>();
  // There may be nobody who waits.
  arrival.promise.catch(() => {});
  return arrival;
}
