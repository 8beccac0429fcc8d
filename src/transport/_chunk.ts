import { ErrorCode, PluginError } from "../errors/mod.ts";

/**
 * Reads a chunk of a Web Stream as bytes that can be kept. Any view of a buffer will do. It is not copied, since
 * a chunk that was enqueued belongs to who reads it; only memory that others can change or shrink meanwhile
 * (shared or resizable) is.
 *
 * @param chunk What the stream gave.
 * @param name Which stream, for the error message.
 * @returns A plain `Uint8Array`, never a subclass: `slice` of a Buffer does not copy.
 * @throws PluginError `transport` for anything but bytes.
 */
export function bytesOf(chunk: unknown, name: string): Uint8Array {
  const bytes = viewOf(chunk);
  if (bytes === undefined) {
    const message = `${name} gave ${described(chunk)} as a chunk; only bytes can be sent, such as a Uint8Array`;
    throw new PluginError(ErrorCode.transport, message);
  }
  return mayChange(bytes.buffer) ? bytes.slice() : bytes;
}

function viewOf(chunk: unknown): Uint8Array | undefined {
  if (ArrayBuffer.isView(chunk)) {
    if (chunk.constructor === Uint8Array) return chunk as Uint8Array;
    return new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  }
  return chunk instanceof ArrayBuffer ? new Uint8Array(chunk) : undefined;
}

function mayChange(buffer: ArrayBufferLike): boolean {
  return !(buffer instanceof ArrayBuffer) || buffer.resizable === true;
}

function described(chunk: unknown): string {
  if (chunk === null || chunk === undefined) return String(chunk);
  if (typeof chunk === "string") return `a string of ${chunk.length} characters`;
  if (Array.isArray(chunk)) return `an array of ${chunk.length}`;
  if (typeof chunk !== "object") return `a ${typeof chunk}`;
  const name: unknown = chunk.constructor?.name;
  return typeof name === "string" && name !== "" && name !== "Object" ? `an object of class ${name}` : "an object";
}
