import type { Link, LinkHandler } from "./link.ts";

/**
 * Hands the bytes of two links on to each other, until both have ended. Neither is read faster than the other takes it.
 *
 * @returns Settles when both are closed.
 */
export async function joinLinks(left: Link, right: Link): Promise<void> {
  const closings = [Promise.withResolvers<void>(), Promise.withResolvers<void>()] as const;
  left.start(handOver(left, right, closings[0].resolve));
  right.start(handOver(right, left, closings[1].resolve));
  await Promise.all(closings.map(({ promise }) => promise));
}

function handOver(from: Link, to: Link, closed: () => void): LinkHandler {
  let hasEnded = false;
  return {
    bytes: (chunk) => {
      if (!to.write(chunk)) from.pause();
    },
    end: () => {
      hasEnded = true;
      to.end();
    },
    // What this one has taken makes room for the other's bytes.
    drain: () => to.resume(),
    closed: (error) => {
      // One that broke off must not look as if it had ended well.
      if (!hasEnded) to.destroy(error);
      closed();
    },
  };
}
