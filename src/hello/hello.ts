import * as v from "valibot";
import { maxSignature } from "../contract/mod.ts";
import { ErrorCode, PluginError } from "../errors/mod.ts";
import type { Role } from "../mux/mod.ts";
import type { ValueCodec } from "../values/mod.ts";
import { baseFrameBytes, defaultLimits, type Limits } from "../wire/mod.ts";

/** Versions of the wire that this implementation speaks. PROTOCOL.md §1. */
export const wireVersions: readonly number[] = [1];

/** One contract that a side serves. */
export interface OfferedContract {
  /** The name on the wire. */
  readonly name: string;
  /** Names of its methods; `null` when they are known only once it is dispensed. */
  readonly methods: readonly string[] | null;
  /** What people may want to know of methods, by name; of those alone that say something. */
  readonly about?: Readonly<Record<string, MethodNotes>>;
  /** What crosses when a method is called, as a short text, by name; of those alone that have schemas. */
  readonly signatures?: Readonly<Record<string, string>>;
  /** One implementation answers all dispenses, so that one target does for all of them. Default `false`. */
  readonly shared?: boolean;
  /** Of a host that provides by version: the protocol versions in which it is served. Default: in all. */
  readonly versions?: readonly number[];
}

/** What a contract says of a method beside its schemas. */
export interface MethodNotes {
  /** What it does, in the words of the contract; cut after 1,000 characters. */
  readonly description?: string;
  /** True when it may be repeated. */
  readonly idempotent?: boolean;
}

/** Longest description that is sent, in UTF-16 units. */
export const maxDescription = 1_000;

/**
 * The first frame of a session each way. The host's goes first; the plugin answers.
 *
 * PROTOCOL.md §7.1.
 */
export interface Hello {
  readonly wire: readonly number[];
  readonly role: Role;
  /** 16 random bytes. */
  readonly nonce: Uint8Array;
  /** True when an AUTH frame follows. */
  readonly auth: boolean;
  readonly limits: {
    readonly frame: number;
    readonly streams: number;
    readonly message: number;
    readonly depth: number;
    /** Contracts that the other side may hold dispensed at once. */
    readonly dispensed: number;
    /** References of the other side's that this one holds at once. */
    readonly references: number;
  };
  readonly features: readonly string[];
  /** Protocol versions to choose from; `undefined` where the side keeps no list. */
  readonly versions?: readonly number[];
  /** The plugin's choice; `null` when none fits, and in the host's hello; `undefined` when it says nothing. */
  readonly version?: number | null;
  /** Random, made once a process. */
  readonly instance: string;
  readonly pid: number;
  /** When the process began, in ms since 1970. */
  readonly started: number;
  readonly contracts: readonly OfferedContract[];
  /** The host may stop the plugin and is its lifeline. */
  readonly owner: boolean;
  /** The implementation and its version, for messages. */
  readonly software: string;
}

const utf8 = new TextEncoder();
const count = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(0xffff_ffff));
/** As in the line: every language's plain integer holds it. */
const protocolVersion = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(0x7fff_ffff));
const name = v.pipe(v.string(), v.minLength(1), v.maxLength(256));
const notes = v.object({
  description: v.optional(v.pipe(v.string(), v.maxLength(maxDescription))),
  idempotent: v.optional(v.boolean()),
});
const offered = v.object({
  name,
  methods: v.nullable(v.pipe(v.array(name), v.maxLength(4_096))),
  shared: v.optional(v.boolean()),
  versions: v.optional(v.pipe(v.array(protocolVersion), v.maxLength(256))),
  about: v.optional(v.record(v.string(), notes)),
  signatures: v.optional(v.record(v.string(), v.pipe(v.string(), v.maxLength(maxSignature)))),
});
const schema = v.object({
  wire: v.pipe(v.array(count), v.minLength(1), v.maxLength(64)),
  role: v.picklist(["host", "plugin"]),
  nonce: v.pipe(
    v.instance(Uint8Array),
    v.check((bytes) => bytes.length === 16, "must be 16 bytes"),
  ),
  auth: v.optional(v.boolean(), false),
  limits: v.optional(
    v.object({
      frame: v.optional(v.pipe(count, v.minValue(baseFrameBytes)), baseFrameBytes),
      streams: v.optional(v.pipe(count, v.minValue(1)), defaultLimits.maxStreams),
      message: v.optional(v.pipe(count, v.minValue(baseFrameBytes)), defaultLimits.maxMessageBytes),
      depth: v.optional(v.pipe(count, v.minValue(1)), defaultLimits.maxDepth),
      dispensed: v.optional(count, defaultLimits.maxDispensed),
      references: v.optional(count, defaultLimits.maxReferences),
    }),
    {},
  ),
  features: v.optional(v.pipe(v.array(name), v.maxLength(256)), []),
  versions: v.optional(v.pipe(v.array(protocolVersion), v.minLength(1), v.maxLength(256))),
  version: v.optional(v.nullable(protocolVersion)),
  instance: v.optional(v.pipe(v.string(), v.maxLength(64)), ""),
  pid: v.optional(count, 0),
  started: v.optional(v.number(), 0),
  contracts: v.optional(v.pipe(v.array(offered), v.maxLength(1_024)), []),
  owner: v.optional(v.boolean(), true),
  software: v.optional(v.pipe(v.string(), v.maxLength(256)), ""),
});

/** What of the limits a hello says. */
export function limitsForHello(limits: Limits): Hello["limits"] {
  return {
    frame: limits.maxFrameBytes,
    streams: limits.maxStreams,
    message: limits.maxMessageBytes,
    depth: limits.maxDepth,
    dispensed: limits.maxDispensed,
    references: limits.maxReferences,
  };
}

/**
 * Encodes a hello.
 * @throws PluginError `too_large` when it does not fit into its frame: too many contracts or methods.
 */
export function encodeHello(hello: Hello, codec: ValueCodec): Uint8Array {
  const whole = codec.encode(hello);
  if (whole.length <= baseFrameBytes) return whole;
  // What is only there to be read gives way to what is needed: signatures from the end, before that all descriptions.
  const needed = hello.contracts.map(({ about: _about, signatures: _signatures, ...rest }) => rest);
  const bytes = codec.encode({ ...hello, contracts: needed });
  if (bytes.length <= baseFrameBytes) {
    const contracts = withSignatures(needed, hello.contracts, baseFrameBytes - bytes.length);
    return codec.encode({ ...hello, contracts });
  }
  const methods = hello.contracts.reduce((sum, contract) => sum + (contract.methods?.length ?? 0), 0);
  throw new PluginError(
    ErrorCode.tooLarge,
    `the hello takes ${bytes.length} bytes, at most ${baseFrameBytes} fit: ${hello.contracts.length} contracts with ${methods} methods are too many for one plugin`,
  );
}

/** Puts back the signatures that there is room for, from the first on. */
function withSignatures(
  needed: readonly OfferedContract[],
  contracts: readonly OfferedContract[],
  room: number,
): readonly OfferedContract[] {
  let left = room;
  return needed.map((contract, i) => {
    const kept: Record<string, string> = {};
    left -= costOf("signatures");
    for (const [method, signature] of Object.entries(contracts[i]?.signatures ?? {})) {
      left -= costOf(method) + costOf(signature);
      if (left < 0) break;
      kept[method] = signature;
    }
    return Object.keys(kept).length === 0 ? contract : { ...contract, signatures: kept };
  });
}

/** The most that a text takes, with its share of the head of the map that it stands in. */
function costOf(text: string): number {
  return utf8.encode(text).length + 5;
}

/**
 * Reads the peer's hello. Keys it does not know are ignored.
 * @throws PluginError `protocol` saying which key is wrong.
 */
export function parseHello(bytes: Uint8Array, codec: ValueCodec, expected: Role): Hello {
  const result = v.safeParse(schema, codec.decode(bytes));
  if (!result.success) {
    const issue = result.issues[0];
    const path = issue.path?.map((item) => String(item.key)).join(".") ?? "";
    throw new PluginError(ErrorCode.protocol, `the peer's hello is wrong at ${path || "its root"}: ${issue.message}`);
  }
  const hello = result.output as Hello;
  if (hello.role !== expected) {
    throw new PluginError(
      ErrorCode.protocol,
      `the peer says it is a ${hello.role}, but a ${expected} is expected here`,
    );
  }
  if (!hello.wire.some((version) => wireVersions.includes(version))) {
    throw new PluginError(
      ErrorCode.protocol,
      `no common version of the wire: this side speaks ${wireVersions.join(", ")}, the peer ${hello.wire.join(", ")} (${hello.software})`,
    );
  }
  return hello;
}
