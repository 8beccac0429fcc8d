import { isText, quoteBytes } from "./quote.ts";

/**
 * The first eight bytes each way: `89 50 57 49 52 45 0D 0A`, "\x89PWIRE\r\n". The first byte is no text and
 * no other protocol's; the line end shows a link that changes line ends.
 *
 * PROTOCOL.md §3.
 */
export const preface: Uint8Array = Uint8Array.of(0x89, 0x50, 0x57, 0x49, 0x52, 0x45, 0x0d, 0x0a);

/** Says in plain words what bytes look like that are not a preface. */
export function describeForeign(bytes: Uint8Array): string {
  return `${quoteBytes(bytes)}, which looks like ${looksLike(bytes)}`;
}

function looksLike(bytes: Uint8Array): string {
  const text = new TextDecoder("latin1").decode(bytes.subarray(0, 64));
  if (text.startsWith("PRI * HTTP/2")) return "HTTP/2 (a gRPC client?)";
  if (bytes[0] === 0 && bytes[3] === 0x04 && bytes.length >= 9) return "HTTP/2 (a gRPC server?)";
  if (/^(GET|POST|PUT|HEAD|OPTIONS|CONNECT|HTTP\/1)/.test(text)) return "HTTP/1";
  if (bytes[0] === 0x16 && bytes[1] === 0x03) return "TLS";
  if (bytes[0] === 0x15 && bytes[1] === 0x03) return "a TLS alert";
  if (bytes[0] === 0 && bytes[1] !== undefined && bytes[1] <= 3 && bytes.length >= 12)
    return "yamux (a go-plugin netrpc plugin?)";
  if (text.startsWith("\x89PWIRE")) return "a Plugwire preface whose line end was changed on the way";
  if (text.startsWith("Content-Length:")) return "JSON-RPC with Content-Length headers";
  if (text.startsWith("{") || text.startsWith("[")) return "JSON";
  if (isText(bytes.subarray(0, 64))) return "text";
  return "no protocol known here";
}
