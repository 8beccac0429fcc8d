import { ErrorCode, PluginError } from "../errors/mod.ts";
import { CloseCode, type GoAway } from "../mux/mod.ts";

/** How far a session is on its way to its end, and who wants it. PROTOCOL.md §5.6. */
export class Ending {
  /** Why nothing new begins; `undefined` while it does. */
  #drainCode: number | undefined;
  #peerCode: number | undefined;
  #isOver = false;
  #idle: PromiseWithResolvers<void> | undefined;
  readonly #hasCalls: () => boolean;

  /** @param hasCalls Whether anything runs still, or waits to. */
  constructor(hasCalls: () => boolean) {
    this.#hasCalls = hasCalls;
  }

  /** True once it has ended. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** The code of the peer's last GOAWAY; `undefined` without one. */
  get peerCode(): number | undefined {
    return this.#peerCode;
  }

  /** True once another host has this one's place. */
  get isSuperseded(): boolean {
    return this.#drainCode === CloseCode.superseded || this.#peerCode === CloseCode.superseded;
  }

  /** The peer said that it begins nothing new, or that it goes. */
  take({ drain, code }: GoAway): void {
    if (drain) this.drains(code);
    else this.#peerCode ??= code;
  }

  /** Nothing new begins from now on. */
  drains(code: number = CloseCode.normal): void {
    // That another host has the plugin says more than that this one wanted to end, too.
    if (this.#drainCode === undefined || code === CloseCode.superseded) this.#drainCode = code;
  }

  /** Settles when nothing runs any more. */
  idle(): Promise<void> {
    this.#idle ??= Promise.withResolvers();
    this.checkIdle();
    return this.#idle.promise;
  }

  /** Something is over: perhaps it was the last. */
  checkIdle(): void {
    if (this.#idle !== undefined && (this.#isOver || !this.#hasCalls())) this.#idle.resolve();
  }

  /** It has ended. */
  over(): void {
    this.#isOver = true;
    this.checkIdle();
  }

  /** Why no call may be made; `undefined` when one may. @param peerName The other side, in errors. */
  refusal(peerName: string): PluginError | undefined {
    if (this.#drainCode === undefined) return undefined;
    if (this.#drainCode === CloseCode.superseded) {
      const text = `another host has taken ${peerName} over: no new calls are made`;
      return new PluginError(ErrorCode.superseded, text);
    }
    const text = `the session with ${peerName} is being ended: no new calls are made`;
    return new PluginError(ErrorCode.draining, text);
  }
}
