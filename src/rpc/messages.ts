import { ErrorCode, PluginError } from "../errors/mod.ts";
import { isRecord } from "../values/mod.ts";

/** Names of the places of a call, for the paths in errors. */
export const callPlaces: readonly string[] = ["references", "target", "method", "args", "options"];
/** Names of the places of a reply. */
export const replyPlaces: readonly string[] = ["references", "status", "result"];

/** How a call ended. PROTOCOL.md §8.3. */
export const ReplyStatus = {
  /** The implementation returned. */
  returned: 0,
  /** The implementation threw. */
  threw: 1,
  /** Plugwire on that side could not do it. */
  failed: 2,
} as const;

/** What a CONTROL frame says. PROTOCOL.md §8.1. */
export const ControlCode = { dispense: 0, drop: 1, release: 2, abort: 3 } as const;

/** Options that travel with a call. */
export interface CallWireOptions {
  /** Time left, in ms. */
  readonly timeout?: number;
  readonly metadata?: Readonly<Record<string, unknown>>;
  /** What the call gives can be called by this number from now on. */
  readonly answer?: number;
}

/** A call as it arrived. */
export interface CallMessage {
  readonly target: number;
  readonly method: string;
  readonly args: readonly unknown[];
  readonly options: CallWireOptions | undefined;
}

/** A reply as it arrived. */
export interface ReplyMessage {
  readonly status: number;
  readonly body: unknown;
}

/** Checks the shape of a call. What it refers to has been taken up. @throws PluginError `bad_message`. */
export function readCall(message: readonly unknown[]): CallMessage {
  if (message.length < 4 || message.length > 5) throw brokenRule("a call is an array of 4 or 5 items");
  const [, target, method, args, options] = message;
  if (typeof target !== "number" || !Number.isSafeInteger(target))
    throw brokenRule("the target of a call is a whole number");
  if (typeof method !== "string") throw brokenRule("the method of a call is a string");
  if (!Array.isArray(args)) throw brokenRule("the arguments of a call are an array");
  return { target, method, args, options: options === undefined ? undefined : readOptions(options) };
}

/** Checks the shape of a reply. What it refers to has been taken up. @throws PluginError `bad_message`. */
export function readReply(message: readonly unknown[]): ReplyMessage {
  if (message.length !== 3) throw brokenRule("a reply is an array of 3 items");
  const [, status, body] = message;
  if (typeof status !== "number") throw brokenRule("the status of a reply is a number");
  return { status, body };
}

function readOptions(value: unknown): CallWireOptions {
  if (!isRecord(value)) throw brokenRule("the options of a call are a map");
  const { timeout, metadata, answer } = value;
  if (timeout !== undefined && (typeof timeout !== "number" || !(timeout >= 0)))
    throw brokenRule("timeout is a number of ms from 0");
  if (metadata !== undefined && !isRecord(metadata)) throw brokenRule("metadata is a map");
  if (answer !== undefined && (!Number.isSafeInteger(answer) || (answer as number) < 0))
    throw brokenRule("answer is a whole number from 0");
  return { timeout, metadata, answer: answer as number | undefined };
}

/** For a message that breaks a rule of the protocol. @param rule What it should have been. */
export function brokenRule(rule: string): PluginError {
  return new PluginError(ErrorCode.badMessage, `the peer sent a message against the protocol: ${rule}`);
}
