import type { PluginError } from "../errors/mod.ts";
import { type MuxStream, ResetCode, Ring, resetCodeOf, type StreamHandler, type StreamReset } from "../mux/mod.ts";
import { ItemChecks } from "./_item_checks.ts";
import { lostStream, thrownBy, tooLargeItem, wrongKind } from "./_reader_errors.ts";
import { checkHeld, dropItem, HeldItem } from "./held_item.ts";
import type { IncomingStreamTies } from "./stream_ties.ts";

/** Who waits for the next item of a stream. */
export interface StreamWaiter {
  /** Something has come: an item, the end, or an error. */
  wake(): void;
}

/** How a stream ended for its reader. */
export type StreamOutcome = { readonly error?: undefined } | { readonly error: { readonly thrown: unknown } };

const ended: StreamOutcome = {};
/** An item from this size on, in bytes, makes the window worth opening wide. */
const largeItemBytes = 4_096;

/**
 * Reads a stream of the peer: opens it on the first wish for an item, keeps what has come, and gives credit back as
 * it is taken. What was sent before an error is read before the error. PROTOCOL.md §8.7.
 */
export class StreamReader implements StreamHandler {
  readonly #ties: IncomingStreamTies;
  readonly #items: Ring<unknown> = new Ring();
  /** What each of them spent of the credit. */
  readonly #sizes: Ring<number> = new Ring();
  #checks: ItemChecks | undefined;
  #stream: MuxStream | undefined;
  #state: "unopened" | "open" | "stopped" | "over" = "unopened";
  #outcome: StreamOutcome | undefined;
  /** Held while it waits, so that it is not collected before its item comes. */
  #waiter: StreamWaiter | undefined;
  /** The same one, when it does not wait. */
  #watcher: WeakRef<StreamWaiter> | undefined;
  #stopping: PromiseWithResolvers<void> | undefined;
  #unheed: (() => void) | undefined;
  /** Nothing was taken since {@linkcode StreamReader.hasRested} was asked. */
  #isResting = false;

  constructor(ties: IncomingStreamTies) {
    this.#ties = ties;
  }

  /** What it is called in errors. */
  get name(): string {
    return this.#ties.name;
  }

  get isOpened(): boolean {
    return this.#state !== "unopened";
  }

  get hasItem(): boolean {
    return this.#items.length > 0;
  }

  /** How it ended; `undefined` while there are items or may come more. */
  get outcome(): StreamOutcome | undefined {
    return this.#items.length > 0 ? undefined : this.#outcome;
  }

  /** Takes the next item; there is one. */
  shift(): unknown {
    this.#isResting = false;
    this.#stream?.consumed(this.#sizes.shift() ?? 0);
    const item = this.#items.shift();
    return item instanceof HeldItem ? item.take() : item;
  }

  /** Wakes the waiter once there is something; it is told of the end when it does not wait, too. */
  want(waiter: StreamWaiter): void {
    this.#waiter = waiter;
    this.#watcher ??= new WeakRef(waiter);
    if (this.#state === "unopened") this.#open();
  }

  /**
   * Stops reading: what has come and was not taken is dropped.
   *
   * @returns Settles once the producer has stopped, with what it threw at that.
   */
  stop(reason: unknown, code: number = reason === undefined ? ResetCode.done : resetCodeOf(reason)): Promise<void> {
    return this.#halt(reason, code, ended);
  }

  /** True when it is open, and nobody has asked for anything since this was asked before. */
  hasRested(): boolean {
    const isResting = this.#state === "open" && this.#waiter === undefined;
    const hasRested = isResting && this.#isResting;
    this.#isResting = isResting;
    return hasRested;
  }

  /** Stops reading: what has come is read before the error. */
  end(error: PluginError): void {
    this.#refuse(error);
  }

  /** Stops reading when a signal is aborted, and fails with its reason. */
  heed(signal: AbortSignal): void {
    const onAbort = (): void => {
      // Whoever reads is told of the reason, and not of how the producer took it.
      this.#halt(signal.reason, ResetCode.cancelled, { error: { thrown: signal.reason } }).catch(() => {});
    };
    signal.addEventListener("abort", onAbort, { once: true });
    this.#unheed = () => signal.removeEventListener("abort", onAbort);
  }

  #halt(reason: unknown, code: number, outcome: StreamOutcome): Promise<void> {
    if (this.#stopping !== undefined) return this.#stopping.promise;
    // A producer that was never begun is told as well: it may hold something already.
    if (this.#state === "unopened" && this.#outcome === undefined) this.#open();
    const wasOpen = this.#state === "open";
    if (this.#state !== "over") this.#state = "stopped";
    while (this.#items.length > 0) dropItem(this.#items.shift());
    this.#checks?.drop();
    this.#sizes.clear();
    this.#outcome = outcome;
    this.#unheed?.();
    if (!wasOpen) return Promise.resolve();
    this.#stopping = Promise.withResolvers();
    this.#stream?.stop(code, reason === undefined ? noReason : this.#ties.encodeReason(reason));
    this.#wake();
    return this.#stopping.promise;
  }

  /** Nobody is left to read it. */
  abandon(): void {
    this.#unheed?.();
    if (this.#state === "unopened") this.#ties.release();
    else if (this.#state === "open") this.stop(undefined).catch(() => {});
  }

  // StreamHandler

  message(payload: Uint8Array, last: boolean): void {
    if (this.#state !== "open") this.#ties.discard(payload);
    else if (this.#ties.carries === "bytes")
      this.#refuse(wrongKind(this.#ties, "a value where its contract says bytes"));
    else this.#receive(payload);
    if (last) this.ended();
    else this.#wake();
  }

  bytes(chunk: Uint8Array): void {
    if (this.#state !== "open") return;
    if (this.#ties.carries === "values")
      return this.#refuse(wrongKind(this.#ties, "raw bytes where its contract says values"));
    this.#stream?.widen(this.#ties.windowBytes);
    this.#items.push(chunk);
    this.#sizes.push(chunk.length);
    this.#wake();
  }

  ended(): void {
    this.#terminal(ended);
  }

  aborted(reset: StreamReset): void {
    // Unless it says that stopping failed: what went wrong ahead of the reader is no matter of one that left.
    if (this.#stopping !== undefined && (reset.code !== ResetCode.cancelled || reset.reason.length === 0)) {
      return this.#terminal(ended);
    }
    this.#terminal({ error: { thrown: thrownBy(this.#ties, reset) } });
  }

  tooLarge(totalBytes: number): void {
    this.#refuse(tooLargeItem(this.#ties, totalBytes));
  }

  stopped(): boolean {
    return false;
  }

  drained(): void {
    this.#ties.opened();
  }

  lost(error: PluginError): void {
    // Nothing is left to be stopped then.
    this.#stopping?.resolve();
    void this.#ties.explain(error).then((why) => this.#terminal({ error: { thrown: lostStream(this.#ties, why) } }));
  }

  #open(): void {
    this.#state = "open";
    const { check } = this.#ties;
    if (check !== undefined) {
      this.#checks = new ItemChecks(
        (item, index) => checkHeld(item, index, check),
        (item) => this.#add(item),
        (error) => this.#refuse(error),
      );
    }
    try {
      const stream = this.#ties.open(this);
      this.#stream = stream;
      if (stream.isSent) this.#ties.opened();
    } catch (error) {
      this.#state = "over";
      this.#finish({ error: { thrown: error } });
    }
  }

  #receive(payload: Uint8Array): void {
    this.#stream?.keep(payload.length);
    if (payload.length >= largeItemBytes) this.#stream?.widen(this.#ties.windowBytes);
    let item: unknown;
    try {
      item = this.#ties.decode(payload);
    } catch (error) {
      return this.#refuse(error);
    }
    this.#sizes.push(payload.length);
    if (this.#checks === undefined) this.#items.push(item);
    else this.#checks.push(item);
  }

  #add(item: unknown): void {
    // Over means that the peer has ended it, and what it sent before that is still read.
    if (this.#state === "stopped" || this.#stopping !== undefined) return dropItem(item);
    this.#items.push(item);
    this.#wake();
  }

  /** What comes cannot be taken: the producer is stopped, and the reader told once it has read what came before. */
  #refuse(error: unknown): void {
    if (this.#state === "stopped") return;
    if (this.#state === "open") {
      this.#state = "stopped";
      this.#stream?.stop(ResetCode.internal, this.#ties.encodeReason(error));
    }
    this.#outcome = { error: { thrown: error } };
    this.#wake();
  }

  /** The peer's half is over. */
  #terminal(outcome: StreamOutcome): void {
    const stopping = this.#stopping;
    const wasOpen = this.#state === "open";
    // Before it is released: of one that is open that would be the end, and what has come must still be read.
    if (wasOpen || stopping !== undefined) this.#state = "over";
    this.#unheed?.();
    this.#ties.opened();
    this.#ties.release();
    if (stopping !== undefined) {
      if (outcome.error === undefined || this.#stream?.isLost === true) stopping.resolve();
      else stopping.reject(outcome.error.thrown);
      return;
    }
    if (!wasOpen) return;
    const checks = this.#checks;
    if (checks?.isBusy === true) checks.afterAll(() => this.#finish(outcome));
    else this.#finish(outcome);
  }

  #finish(outcome: StreamOutcome): void {
    this.#outcome ??= outcome;
    this.#wake();
  }

  #wake(): void {
    const waiter = this.#waiter;
    if (waiter !== undefined) {
      this.#waiter = undefined;
      waiter.wake();
    } else if (this.#outcome !== undefined && this.#items.length === 0) {
      this.#watcher?.deref()?.wake();
    }
  }
}

const noReason = new Uint8Array(0);

/** Reads on, and lets the peer know when what reads was collected. */
export const forgottenReaders: FinalizationRegistry<StreamReader> = new FinalizationRegistry((reader) =>
  reader.abandon(),
);
