import { ErrorCode, PluginError } from "../errors/mod.ts";

/** The system's code of an error, such as `ENOENT`, whichever runtime threw it. */
export function errnoOf(thrown: unknown): string | undefined {
  if (typeof thrown !== "object" || thrown === null) return undefined;
  const { code, name } = thrown as { code?: unknown; name?: unknown };
  // Deno names what it was not allowed to do in the class, and its node: modules in `code`.
  if (name === "NotCapable" || code === "ERR_ACCESS_DENIED") return "EPERM";
  return typeof code === "string" ? code : undefined;
}

/** What an error says, without the noise of what it is. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** Makes one of our errors of a system error, keeping its code as `errno`. */
export function systemError(code: ErrorCode, what: string, thrown: unknown): PluginError {
  if (thrown instanceof PluginError) return thrown;
  return new PluginError(code, `${what}: ${messageOf(thrown)}`, { errno: errnoOf(thrown), cause: thrown });
}

/** True for the ways in which a system says that the other end is gone. */
export function isPeerGone(thrown: unknown): boolean {
  const errno = errnoOf(thrown);
  // Bun gives EOF for a pipe whose reader left; ERR_STREAM_* arise when a stream closed under a queued write.
  return (
    errno === "EPIPE" ||
    errno === "ECONNRESET" ||
    errno === "EOF" ||
    errno === "ERR_STREAM_DESTROYED" ||
    errno === "ERR_STREAM_PREMATURE_CLOSE" ||
    errno === "ERR_SOCKET_CLOSED"
  );
}

/** What broke a link: nothing to report when the peer just left. */
export function linkError(name: string, thrown: unknown): PluginError | undefined {
  return isPeerGone(thrown) ? undefined : systemError(ErrorCode.transport, name, thrown);
}
