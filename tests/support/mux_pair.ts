import { ByteStream, type ByteStreamOptions, type Scheduler, Session } from "../../src/mux/mod.ts";
import { onNextTurn } from "../../src/transport/next_turn.ts";
import { defaultLimits, type Limits } from "../../src/wire/mod.ts";
import type { LinkKind } from "./links.ts";
import { NotingHandler } from "./mux_simulator.ts";

/** The scheduler of real time. */
export const realScheduler: Scheduler = {
  now: () => performance.now(),
  defer: (callback) => queueMicrotask(callback),
  nextTurn: onNextTurn,
  setTimer: (callback, delayMs) => {
    const timer = setTimeout(callback, delayMs);
    return { cancel: () => clearTimeout(timer) };
  },
};

/** Two sessions over a real link, past their hello. */
export interface SessionPair {
  readonly host: Session;
  readonly plugin: Session;
  readonly hostHandler: NotingHandler;
  readonly pluginHandler: NotingHandler;
  /** Opens a stream of bytes from the host; gives both ends, the plugin's once it was opened. */
  openBytes(options?: Partial<ByteStreamOptions>): { near: ByteStream; far: Promise<ByteStream> };
  /** Ends both sessions and waits until their links have closed. */
  close(): Promise<void>;
}

class WaitingHandler extends NotingHandler {
  readonly whenClosed = Promise.withResolvers<void>();
  override closed(...args: Parameters<NotingHandler["closed"]>): void {
    super.closed(...args);
    this.whenClosed.resolve();
  }
}

/** Makes one over a kind of link. */
export async function sessionPair(kind: LinkKind, limits: Partial<Limits> = {}): Promise<SessionPair> {
  const [left, right] = await kind.make();
  const all = { ...defaultLimits, ...limits };
  const hostHandler = new WaitingHandler();
  const pluginHandler = new WaitingHandler();
  const scheduler = realScheduler;
  const host = new Session(left, { role: "host", limits: all, scheduler, handler: hostHandler });
  const plugin = new Session(right, { role: "plugin", limits: all, scheduler, handler: pluginHandler });
  for (const session of [host, plugin]) {
    session.start();
    session.admit(all.maxStreams);
  }
  const { windowBytes } = all;
  return {
    host,
    plugin,
    hostHandler,
    pluginHandler,
    openBytes(options = {}) {
      const far = Promise.withResolvers<ByteStream>();
      pluginHandler.onOpened = (stream) => {
        const accepted = new ByteStream(stream, { windowBytes, ...options });
        far.resolve(accepted);
        return accepted;
      };
      return { near: new ByteStream((handler) => host.open(handler), { windowBytes, ...options }), far: far.promise };
    },
    async close() {
      host.close();
      await Promise.all([hostHandler.whenClosed.promise, pluginHandler.whenClosed.promise]);
    },
  };
}
