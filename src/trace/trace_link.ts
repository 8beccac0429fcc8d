import type { Logger } from "../log/mod.ts";
import type { Runtime } from "../runtime/runtime.ts";
import type { Link } from "../transport/mod.ts";
import { type LinkWatcher, watchedLink } from "../transport/watched_link.ts";
import { type FrameType, frameName } from "../wire/mod.ts";
import { Conversation, type Subject } from "./_conversation.ts";
import { environmentTrace } from "./_environment_trace.ts";
import { flagNames } from "./_frame_names.ts";
import { FrameTap } from "./_frame_tap.ts";
import { type TraceDirection, type TraceEvent, traceText } from "./trace_event.ts";

/** What the option `trace` may be: `true` for lines in the log, at level `trace`, or a function that takes the events. */
export type TraceOption = boolean | ((event: TraceEvent) => void);

/** What {@linkcode traceLink} goes by. */
export interface TraceLinkOptions {
  /** Whom the session is with: the plugin's name, or `the host`. */
  readonly peer: string;
  readonly trace: TraceOption | undefined;
  /** Takes the lines that `true` asks for. */
  readonly log: Logger;
  readonly runtime: Runtime;
}

/**
 * A link whose frames are told of as they pass, where somebody asked for it: by the option, or by `PLUGWIRE_TRACE`. Else it is
 * the link itself, so that it costs nothing.
 */
export function traceLink(link: Link, { peer, trace, log, runtime }: TraceLinkOptions): Link {
  const takers: ((event: TraceEvent) => void)[] = [];
  if (typeof trace === "function") takers.push(trace);
  if (trace === true) takers.push((event) => log.trace(traceText(event)));
  const byEnvironment = environmentTrace(runtime);
  if (byEnvironment !== undefined) takers.push(byEnvironment);
  if (takers.length === 0) return link;
  const tell = (event: TraceEvent): void => {
    for (const take of takers) {
      try {
        take(event);
      } catch {
        // A trace never breaks what it looks at, and there is nobody here to tell.
      }
    }
  };
  return watchedLink(link, new LinkTrace(peer, tell));
}

class LinkTrace implements LinkWatcher {
  readonly #peer: string;
  readonly #tell: (event: TraceEvent) => void;
  readonly #conversation: Conversation = new Conversation();
  readonly #sent: FrameTap = this.#tap("out");
  readonly #received: FrameTap = this.#tap("in");
  #hasEnded = false;

  constructor(peer: string, tell: (event: TraceEvent) => void) {
    this.#peer = peer;
    this.#tell = tell;
  }

  sent(bytes: Uint8Array): void {
    this.#sent.push(bytes);
  }

  received(bytes: Uint8Array): void {
    this.#received.push(bytes);
  }

  ended(): void {
    if (!this.#hasEnded) this.#event("out", "END");
    this.#hasEnded = true;
  }

  peerEnded(): void {
    this.#event("in", "END");
  }

  closed(): void {
    this.#event("in", "CLOSED");
    this.#conversation.clear();
  }

  #tap(direction: TraceDirection): FrameTap {
    return new FrameTap({
      preface: (isGood) => this.#event(direction, isGood ? "PREFACE" : "no PREFACE"),
      frame: (type, flags, stream, length, payload) => {
        const subject = this.#conversation.follow(direction, type as FrameType, flags, stream, payload);
        this.#event(direction, frameName(type), { flags: flagNames(type, flags), stream, length, subject });
      },
    });
  }

  #event(direction: TraceDirection, type: string, frame: Partial<FrameFacts> = {}): void {
    const { flags = [], stream = 0, length = 0, subject } = frame;
    this.#tell({ time: Date.now(), peer: this.#peer, direction, type, flags, stream, length, ...subject });
  }
}

interface FrameFacts {
  readonly flags: readonly string[];
  readonly stream: number;
  readonly length: number;
  readonly subject: Subject;
}
