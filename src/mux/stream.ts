import type { PluginError } from "../errors/mod.ts";
import { ResetFlag } from "../wire/mod.ts";
import { ReceivingHalf } from "./_receiving_half.ts";
import { SendingHalf } from "./_sending_half.ts";
import type { StreamHandler, StreamPort, StreamReset } from "./stream_handler.ts";

const noBytes = new Uint8Array(0);

/**
 * One multiplexed channel of a session: two halves, each of messages or of bytes, each under its own credit,
 * each ending exactly once. PROTOCOL.md §5.
 */
export class MuxStream {
  /** Number on the wire; 0 until the first frame is written, so that numbers rise in the order of the wire. */
  id = 0;
  /** True when this side opened it. */
  readonly local: boolean;
  handler: StreamHandler;
  /** In line for a turn. */
  inLine = false;
  /** Counted among the open streams of its side. */
  hasPlace = false;
  /** Waits for a place. */
  isWaiting = false;
  /** Its sender queues one message or chunk at a time, so that no limit of the session is needed for what waits. */
  isPaced = false;
  readonly #port: StreamPort;
  readonly #sending: SendingHalf;
  readonly #receiving: ReceivingHalf;
  #isLost = false;
  #isSettled = false;
  /** A wish to stop from before the first frame, sent right after it. */
  #stopLater: StreamReset | undefined;

  constructor(port: StreamPort, handler: StreamHandler, local: boolean, windowBytes: number) {
    this.#port = port;
    this.handler = handler;
    this.local = local;
    this.#sending = new SendingHalf(this, port, windowBytes);
    this.#receiving = new ReceivingHalf(this, port, windowBytes);
  }

  /** True when this side may still send. */
  get canSend(): boolean {
    return this.#sending.isWanted;
  }

  /** True once both halves are over. */
  get isOver(): boolean {
    return !this.#sending.isOpen && !this.#receiving.isOpen;
  }

  /** True when its session ended before it did. */
  get isLost(): boolean {
    return this.#isLost;
  }

  /** True when everything passed to `send` was written. */
  get isSent(): boolean {
    return this.id !== 0 && this.#sending.isEmpty;
  }

  /** True once the peer may have got a whole message or some bytes: what it was asked to do may have been done. */
  get mayHaveRun(): boolean {
    return this.#sending.mayHaveRun;
  }

  /** Bytes queued here and not yet written. */
  get queuedBytes(): number {
    return this.#sending.queuedBytes;
  }

  /**
   * Sends a message.
   *
   * @param payload At least one byte, unless `last`: an empty message that ends the half is no message, but its end.
   * @param last Ends this half with it.
   */
  send(payload: Uint8Array, last: boolean): void {
    this.#sending.send(payload, last);
  }

  /** Sends bytes of a byte stream. */
  sendBytes(chunk: Uint8Array): void {
    this.#sending.sendBytes(chunk);
  }

  /** Ends this half after what is queued. */
  end(): void {
    this.#sending.end();
  }

  /** Ends a half of bytes, also one that never sent any, after what is queued. */
  endBytes(): void {
    this.#sending.endBytes();
  }

  /** Gives up this half; what is queued is dropped. Before the first frame it ends the whole stream, without a word. */
  abort(code: number, reason: Uint8Array = noBytes): void {
    this.#reset(true, false, code, reason);
  }

  /** Asks the peer to end its half. The stream lives until it has. */
  stop(code: number, reason: Uint8Array = noBytes): void {
    this.#reset(false, true, code, reason);
  }

  /** Both {@linkcode MuxStream.abort} and {@linkcode MuxStream.stop}. */
  reset(code: number, reason: Uint8Array = noBytes): void {
    this.#reset(true, true, code, reason);
  }

  /** Opens the window of a half that somebody reads. @param windowBytes Its size from now on. */
  widen(windowBytes: number): void {
    this.#receiving.widen(windowBytes);
  }

  /** Says, within `StreamHandler.message`, that the message waits to be read: its credit comes back by `consumed`. */
  keep(bytes: number): void {
    this.#receiving.keep(bytes);
  }

  /** Says that bytes given to `StreamHandler.bytes`, or a message that was kept, have been read. */
  consumed(bytes: number): void {
    this.#receiving.consumed(bytes);
  }

  // What follows is called by the session and by the halves.

  /** Its first frame was written: what waited for the stream to have a number follows. */
  opened(): void {
    this.#receiving.topUp();
    const stop = this.#stopLater;
    if (stop === undefined) return;
    this.#stopLater = undefined;
    if (this.#receiving.isOpen) this.#port.reset(this, ResetFlag.stop, stop.code, stop.reason);
  }

  /** Writes what one turn allows. @returns `true` when more could be written in a further turn. */
  takeTurn(): boolean {
    return this.#sending.takeTurn();
  }

  receiveData(flags: number, payload: Uint8Array): void {
    this.#receiving.receiveData(flags, payload);
  }

  receiveBytes(flags: number, payload: Uint8Array): void {
    this.#receiving.receiveBytes(flags, payload);
  }

  receiveCredit(bytes: number): void {
    this.#sending.receiveCredit(bytes);
  }

  receiveStopped(reset: StreamReset): void {
    this.#receiving.receiveStopped(reset);
  }

  receiveStop(reset: StreamReset): void {
    this.#sending.receiveStop(reset);
  }

  /** The session is over. */
  lose(error: PluginError): void {
    if (this.isOver) return;
    this.#isLost = true;
    this.#isSettled = true;
    this.#sending.drop();
    this.#receiving.drop();
    this.handler.lost(error);
  }

  /** Tells the session once both halves are over. A handler may end one while the end of the other is being told. */
  settle(): void {
    if (!this.isOver || this.#isSettled) return;
    this.#isSettled = true;
    this.#port.finished(this);
  }

  #reset(mine: boolean, theirs: boolean, code: number, reason: Uint8Array): void {
    const abort = mine && this.#sending.isOpen;
    const stop = theirs && this.#receiving.isWanted;
    if (!abort && !stop) return;
    if (abort) this.#sending.drop();
    if (stop) this.#receiving.stop();
    if (this.id !== 0) {
      this.#port.reset(this, (abort ? ResetFlag.stopped : 0) | (stop ? ResetFlag.stop : 0), code, reason);
    } else if (abort) {
      // Nothing of it was ever sent, so the peer need not know.
      this.#receiving.drop();
    } else {
      this.#stopLater = { code, reason };
    }
    this.settle();
  }
}
