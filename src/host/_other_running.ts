import type { Running } from "../runner/mod.ts";
import type { ExitStatus, Runtime, Timer } from "../runtime/runtime.ts";

/** Time between two looks at a process that is no child, in ms: as a rule, and when there is reason to think that it ends. */
const lookMs = 1_000;
const soonMs = 20;
/** How long there is reason to think so, in ms. */
const soonForMs = 10_000;

/** How a process ended that was no child: the system tells nobody but its parent. */
export const unknownExit: ExitStatus = Object.freeze({ code: null, signal: null });

/** A process as its number and when it began say it. */
export interface KnownProcess {
  readonly pid: number;
  /** As the system tells it, from {@linkcode Runtime.processStart}. */
  readonly started: string;
}

/** A plugin's process that another host has started. Every signal is for that very process or for none. */
export class OtherRunning implements Running {
  readonly id: string;
  readonly pid: number;
  readonly stdio = undefined;
  readonly stderr = undefined;
  readonly exited: Promise<ExitStatus>;
  readonly #started: string;
  readonly #runtime: Runtime;
  readonly #end: PromiseWithResolvers<ExitStatus> = Promise.withResolvers();
  #timer: Timer | undefined;
  /** False for one that cannot be seen from here, such as one of another container: its session is all that tells. */
  readonly #isVisible: boolean;
  #soonUntilMs = 0;
  #isReleased = false;

  constructor({ pid, started }: KnownProcess, runtime: Runtime) {
    this.id = String(pid);
    this.pid = pid;
    this.#started = started;
    this.#runtime = runtime;
    this.exited = this.#end.promise;
    this.#isVisible = this.#isRunning;
    if (this.#isVisible) this.#look();
  }

  /** Its session is over: it may be ending. */
  hurry(): void {
    this.#soonUntilMs = performance.now() + soonForMs;
    if (this.#isVisible) this.#look();
    else if (!this.#isReleased) this.#end.resolve(unknownExit);
  }

  kill(signal: "SIGTERM" | "SIGKILL"): void {
    if (this.#isReleased) return;
    if (this.#isVisible) this.#runtime.signalProcess(this.pid, this.#started, signal);
    this.hurry();
  }

  release(): void {
    this.#isReleased = true;
    this.#timer?.cancel();
  }

  #look(): void {
    this.#timer?.cancel();
    if (this.#isReleased) return;
    if (!this.#isRunning) return this.#end.resolve(unknownExit);
    const delayMs = performance.now() < this.#soonUntilMs ? soonMs : lookMs;
    this.#timer = this.#runtime.setTimer(() => this.#look(), delayMs);
  }

  get #isRunning(): boolean {
    return this.#runtime.isAlive(this.pid) && this.#runtime.processStart(this.pid) === this.#started;
  }
}
