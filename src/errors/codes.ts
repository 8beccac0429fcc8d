/**
 * Every way in which Plugwire itself can fail. The set is closed: a code that a newer peer sends and
 * this side does not know arrives as `unknown`, with the raw value kept in {@linkcode PluginError.rawCode}.
 *
 * PROTOCOL.md §10.
 */
export const ErrorCode = {
  // Starting a plugin.
  notFound: "not_found",
  notExecutable: "not_executable",
  wrongArchitecture: "wrong_architecture",
  startFailed: "start_failed",
  exited: "exited",
  badHandshake: "bad_handshake",
  coreVersion: "core_version",
  noCommonVersion: "no_common_version",
  unknownNetwork: "unknown_network",
  unsupportedProtocol: "unsupported_protocol",
  unexpectedCertificate: "unexpected_certificate",
  addressTooLong: "address_too_long",
  connectFailed: "connect_failed",
  authentication: "authentication",
  notPlugwire: "not_plugwire",
  wrongInstance: "wrong_instance",
  unsupportedRuntime: "unsupported_runtime",
  // A session.
  closed: "closed",
  protocol: "protocol",
  limit: "limit",
  draining: "draining",
  transport: "transport",
  superseded: "superseded",
  // A call.
  timeout: "timeout",
  cancelled: "cancelled",
  refused: "refused",
  noSuchContract: "no_such_contract",
  noSuchMethod: "no_such_method",
  contractMismatch: "contract_mismatch",
  invalidArgument: "invalid_argument",
  invalidResult: "invalid_result",
  unsupportedValue: "unsupported_value",
  tooLarge: "too_large",
  badMessage: "bad_message",
  internal: "internal",
  unknown: "unknown",
} as const;

/** One of the codes of {@linkcode ErrorCode}. */
export type ErrorCode = (typeof ErrorCode)[keyof typeof ErrorCode];

const known: ReadonlySet<string> = new Set(Object.values(ErrorCode));

/** Tells whether a string that came from elsewhere is a code of this version. */
export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === "string" && known.has(value);
}
