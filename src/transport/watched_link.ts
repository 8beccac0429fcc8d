import type { Link, LinkHandler } from "./link.ts";

/** Is told of what passes a link, each time before the side that it is for. Methods must not throw. */
export interface LinkWatcher {
  /** Bytes to the peer; they are not the link's yet. */
  sent?(bytes: Uint8Array): void;
  /** Bytes from the peer. */
  received?(bytes: Uint8Array): void;
  /** This side ends its direction; called as often as it says so. */
  ended?(): void;
  /** The peer ended its direction. */
  peerEnded?(): void;
  /** Both directions are over. */
  closed?(): void;
}

/** The same link, with somebody who is told of what passes it. */
export function watchedLink(link: Link, watcher: LinkWatcher): Link {
  return new WatchedLink(link, watcher);
}

class WatchedLink implements Link {
  readonly name: string;
  readonly binding: Uint8Array | undefined;
  readonly #link: Link;
  readonly #watcher: LinkWatcher;

  constructor(link: Link, watcher: LinkWatcher) {
    this.name = link.name;
    this.binding = link.binding;
    this.#link = link;
    this.#watcher = watcher;
  }

  get hasTaken(): boolean {
    return this.#link.hasTaken === true;
  }

  start(handler: LinkHandler): void {
    const watcher = this.#watcher;
    this.#link.start({
      bytes: (chunk) => {
        watcher.received?.(chunk);
        handler.bytes(chunk);
      },
      end: () => {
        watcher.peerEnded?.();
        handler.end();
      },
      drain: () => handler.drain(),
      closed: (error) => {
        watcher.closed?.();
        handler.closed(error);
      },
    });
  }

  write(bytes: Uint8Array): boolean {
    this.#watcher.sent?.(bytes);
    return this.#link.write(bytes);
  }

  end(): void {
    this.#watcher.ended?.();
    this.#link.end();
  }

  destroy(reason?: unknown): void {
    this.#link.destroy(reason);
  }

  pause(): void {
    this.#link.pause();
  }

  resume(): void {
    this.#link.resume();
  }
}
