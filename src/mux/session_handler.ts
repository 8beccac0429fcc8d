import type { PluginError } from "../errors/mod.ts";
import type { FrameType, Limits } from "../wire/mod.ts";
import type { Scheduler } from "./scheduler.ts";
import type { MuxStream } from "./stream.ts";
import type { StreamHandler } from "./stream_handler.ts";

/** The side of a session: hosts open odd streams, plugins even ones. */
export type Role = "host" | "plugin";

/** A GOAWAY that arrived. */
export interface GoAway {
  /** No new calls, but what runs goes on. Without it the peer is going at once. */
  readonly drain: boolean;
  /** The last of this side's streams that the peer took up. Later ones never ran. */
  readonly lastStream: number;
  readonly code: number;
  readonly text: string;
}

/** What happens on a session. Methods must not throw. */
export interface SessionHandler {
  /** The peer opened a stream: gives what handles it, or `undefined` to refuse it. */
  opened(stream: MuxStream): StreamHandler | undefined;
  /** A HELLO, AUTH or CONTROL frame. */
  control(type: FrameType, payload: Uint8Array): void;
  goAway(goAway: GoAway): void;
  /** Streams wait for a place, and none has come free for a second. Said once, until one does. */
  crowded?(): void;
  /** A stream ended. */
  streamOver(): void;
  /** The session is over and its link closed. Called once, last. `error` is what broke it. */
  closed(error: PluginError | undefined): void;
}

/** Options of {@linkcode Session}. */
export interface SessionOptions {
  readonly role: Role;
  readonly limits: Limits;
  readonly scheduler: Scheduler;
  readonly handler: SessionHandler;
  /** Payload of one stream's turn when others wait for theirs, in bytes. Default 32,768; smaller in tests. */
  readonly turnBytes?: number;
  /** Credit of a stream at its start, in bytes. The protocol's 65,536; smaller in tests. */
  readonly initialWindowBytes?: number;
  /** Ids of the last streams of either side, when they do not begin anew: for tests of their wrap. */
  readonly after?: { readonly local: number; readonly remote: number };
}
