/** Name and version of this implementation, for hellos and messages. */
export const software = "plugwire-ts 0.1.0";

/** Version of this package. */
export const packageVersion = "0.1.0";

/** Says which process a hello comes from, so that one is not taken for another that got its number. */
export interface Identity {
  /** Random. */
  readonly instance: string;
  readonly pid: number;
  /** When the process began, in ms since 1970. */
  readonly started: number;
}

let instance: string | undefined;

/** The identity of this process. @param pid Its number. */
export function processIdentity(pid: number): Identity {
  instance ??= crypto.randomUUID();
  return { instance, pid, started: Math.round(performance.timeOrigin) };
}
