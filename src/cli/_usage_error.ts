/** The command line is wrong, and the message says how in plain words. */
export class UsageError extends Error {
  override readonly name: string = "UsageError";
}
