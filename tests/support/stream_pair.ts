/** A stream that crosses a session: its source on the plugin's side, its reader on the host's. No calls around it. */
import { PluginError } from "../../src/errors/mod.ts";
import { ResetCode } from "../../src/mux/mod.ts";
import type { PumpMode } from "../../src/streams/stream_pump.ts";
import { StreamReader } from "../../src/streams/stream_reader.ts";
import { StreamSource } from "../../src/streams/stream_source.ts";
import type { IncomingStreamTies, OutgoingStreamTies } from "../../src/streams/stream_ties.ts";
import { ErrorsHome } from "../../src/thrown/errors_home.ts";
import { decodeStreamReason, encodeStreamFailure, encodeStreamReason } from "../../src/thrown/stream_reasons.ts";
import { ValueCodec } from "../../src/values/mod.ts";
import { defaultLimits } from "../../src/wire/mod.ts";
import { realScheduler, type SessionPair } from "./mux_pair.ts";

const codec = new ValueCodec(defaultLimits);
const scope = { codec, errorsHome: new ErrorsHome(), peerName: "the peer", plugin: "tested" };

/** What may be different from a plain stream. */
export interface CrossingOptions {
  readonly mode?: PumpMode;
  readonly outgoing?: Partial<OutgoingStreamTies>;
  readonly incoming?: Partial<IncomingStreamTies>;
}

/** What a crossing tells of both sides. */
export interface Crossing {
  readonly reader: StreamReader;
  readonly source: StreamSource;
  /** How often the reader gave the stream back. */
  released: number;
  /** How often the source said that it is over. */
  overs: number;
  /** What the source was abandoned with. */
  readonly abandoned: unknown[];
}

/** Sends a source from the plugin of a pair to its host. */
export function crossing(
  pair: SessionPair,
  source: ReadableStream<unknown> | AsyncIterable<unknown>,
  options: CrossingOptions = {},
): Crossing {
  const names = {
    name: "the stream tested",
    encodeReason: (reason: unknown) => encodeStreamReason(reason, scope),
    decodeReason: (reset: { code: number; reason: Uint8Array }) => decodeStreamReason(reset, "tested", scope),
    explain: async (error: PluginError) => new PluginError(error.code, `explained: ${error.message}`),
  };
  const abandoned: unknown[] = [];
  const sent = new StreamSource(source, options.mode ?? "auto", {
    ...names,
    maxMessageBytes: defaultLimits.maxMessageBytes,
    encode: (item) => codec.encode([null, item], ["references", "item"]),
    references: undefined,
    encodeFailure: (error) => encodeStreamFailure(error, scope),
    run: (call) => call(),
    abandoned: (reason) => abandoned.push(reason),
    heedsSignal: false,
    nextTurn: realScheduler.nextTurn,
    over: () => {
      made.overs++;
    },
    ...options.outgoing,
  });
  pair.pluginHandler.onOpened = (stream) => ({
    message: () => sent.open(stream),
    bytes: () => {},
    ended: () => {},
    aborted: () => {},
    tooLarge: () => {},
    stopped: () => false,
    drained: () => {},
    lost: () => {},
  });
  let isReleased = false;
  const made: Crossing = {
    reader: new StreamReader({
      ...names,
      windowBytes: defaultLimits.windowBytes,
      carries: undefined,
      open(handler) {
        if (isReleased) throw new PluginError("closed", "released");
        const stream = pair.host.open(handler);
        stream.send(codec.encode([null, -1, "", []]), true);
        return stream;
      },
      opened() {},
      release() {
        if (isReleased) return;
        isReleased = true;
        made.released++;
        // On the wire it would come after the message that opens.
        if (!made.reader.isOpened) sent.released(true);
      },
      decode: (payload) => (codec.decode(payload) as unknown[])[1],
      discard: () => {},
      check: undefined,
      ...options.incoming,
    }),
    source: sent,
    released: 0,
    overs: 0,
    abandoned,
  };
  return made;
}

/** The number of a reset as it is on the wire. */
export const resetCodes = ResetCode;
