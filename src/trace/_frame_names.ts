import { CloseCode, ResetCode } from "../mux/mod.ts";
import { ControlCode, ReplyStatus } from "../rpc/messages.ts";
import { Flag, FrameType, goAwayDrain, pingAck, ResetFlag } from "../wire/mod.ts";

const dataFlags = { OPEN: Flag.open, MORE: Flag.more, END: Flag.end };

const flagsOf: ReadonlyMap<number, Readonly<Record<string, number>>> = new Map<
  number,
  Readonly<Record<string, number>>
>([
  [FrameType.data, dataFlags],
  [FrameType.bytes, dataFlags],
  [FrameType.reset, { STOPPED: ResetFlag.stopped, STOP: ResetFlag.stop }],
  [FrameType.ping, { ACK: pingAck }],
  [FrameType.goAway, { DRAIN: goAwayDrain }],
]);

/** Names of the flags of a frame; what has no name is a number. */
export function flagNames(type: number, flags: number): string[] {
  const named = Object.entries(flagsOf.get(type) ?? {});
  const rest = named.reduce((left, [, bit]) => left & ~bit, flags);
  const names = named.flatMap(([name, bit]) => ((flags & bit) === 0 ? [] : [name]));
  return rest === 0 ? names : [...names, `0x${rest.toString(16)}`];
}

/** The name of a number among the values of a table of constants. */
function nameIn(table: Readonly<Record<string, number>>, value: number | undefined): string | undefined {
  if (value === undefined) return undefined;
  const found = Object.keys(table).find((name) => table[name] === value);
  return found?.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`) ?? String(value);
}

/** Name of a RESET's code, as in PROTOCOL.md §5.4. */
export const resetName = (code: number | undefined): string | undefined => nameIn(ResetCode, code);
/** Name of a GOAWAY's code, as in PROTOCOL.md §5.6. */
export const closeName = (code: number | undefined): string | undefined => nameIn(CloseCode, code);
/** How a call ended, as in PROTOCOL.md §8.3. */
export const statusName = (status: number | undefined): string | undefined => nameIn(ReplyStatus, status);
/** What a CONTROL says, as in PROTOCOL.md §8.1. */
export const controlName = (code: number | undefined): string | undefined => nameIn(ControlCode, code);
