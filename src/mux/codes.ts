/** Why a half of a stream was reset. PROTOCOL.md §5.4. */
export const ResetCode = {
  /** Nothing went wrong; the sender has no more use for it. */
  done: 0,
  cancelled: 1,
  /** Refused before anything ran. */
  refused: 2,
  tooLarge: 3,
  timeout: 4,
  internal: 5,
} as const;

/** Why a session ends. PROTOCOL.md §5.6. */
export const CloseCode = {
  normal: 0,
  protocol: 1,
  credit: 2,
  limit: 3,
  authentication: 4,
  hello: 5,
  internal: 6,
  /** A plugin's to a host whose place another host has taken. */
  superseded: 7,
  /** A host's to a plugin that is to live on without it. */
  detached: 8,
} as const;
