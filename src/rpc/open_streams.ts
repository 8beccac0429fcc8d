import type { PluginError } from "../errors/mod.ts";
import type { MuxStream } from "../mux/mod.ts";
import { StreamPump, StreamReader } from "../streams/mod.ts";
import { counted } from "./_counted.ts";
import { IncomingCall } from "./incoming_call.ts";
import { OutgoingCall } from "./outgoing_call.ts";
import { WriterTarget } from "./reference_target.ts";
import type { RpcSession } from "./rpc_session.ts";

/**
 * What a session still does, in the words of who uses it, each kind once.
 *
 * @param openBefore Streams that were open before, and for how long at least, in ms.
 */
export function describeOpen(
  session: RpcSession,
  openBefore: { readonly streams: ReadonlySet<MuxStream>; readonly forMs: number },
): string[] {
  const seconds = (openBefore.forMs / 1_000).toFixed(1);
  const since = (stream: MuxStream): string => (openBefore.streams.has(stream) ? ` (for ${seconds} s or longer)` : "");
  const texts = session.streams.map((stream) => {
    const { handler } = stream;
    if (handler instanceof OutgoingCall) return `${handler.name} runs${since(stream)}`;
    if (handler instanceof IncomingCall) {
      // Without a name it is one whose message has not come, or is not read yet.
      if (handler.label === "") return `a call by ${session.peerName} arrives`;
      return `${handler.contract}.${handler.label}, called by ${session.peerName}, runs${since(stream)}`;
    }
    if (handler instanceof StreamReader) return `${handler.name} is still being read`;
    if (handler instanceof StreamPump) return `${handler.name} is still being sent`;
    return "a stream that was refused ends";
  });
  if (session.counts.waiting > 0) texts.push(`calls wait for a place (${session.counts.waiting})`);
  return counted(texts).map(([text, count]) => (count === 1 ? text : `${text}, ${count} times`));
}

/**
 * Ends the streams of a session that is being ended, once nothing is open but such as nobody has read of, or written to, since this was
 * asked before. What has come of them can still be read.
 *
 * @param reason Makes what a reader or writer is told after that, of what nobody did: `read the stream of files.open`.
 */
export function endUnread(session: RpcSession, reason: (what: string) => PluginError): void {
  if (session.counts.waiting > 0) return;
  const unread: (StreamReader | StreamPump)[] = [];
  let isOnlyUnread = true;
  for (const { handler } of session.streams) {
    // It ends with the stream of what is written.
    if (handler instanceof OutgoingCall && handler.target instanceof WriterTarget) continue;
    const isStream = handler instanceof StreamReader || handler instanceof StreamPump;
    // All are asked, whatever the others say: each remembers it until the next time.
    if (isStream && handler.hasRested()) unread.push(handler);
    else isOnlyUnread = false;
  }
  if (!isOnlyUnread) return;
  for (const stream of unread) stream.end(reason(`${verbOf(stream)} ${stream.name}`));
}

function verbOf(stream: StreamReader | StreamPump): string {
  return stream instanceof StreamPump && stream.isWritten ? "wrote" : "read";
}
