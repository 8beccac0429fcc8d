import { getterOf, isTaken } from "./_brand.ts";
import type { Decoding } from "./_decoding.ts";
import type { Encoding } from "./_encoding.ts";
import { refuseOwnProperties } from "./_own_properties.ts";
import { Major, Tag } from "./tags.ts";

type Maker = new (buffer: ArrayBuffer) => ArrayBufferView<ArrayBuffer>;

/** The tags of RFC 8746, little-endian and big-endian, and how many bytes an element has. */
const kinds: readonly (readonly [name: string, little: number, big: number, width: number])[] = [
  // Written without a tag; that of RFC 8746 is read.
  ["Uint8Array", 64, 64, 1],
  ["Uint16Array", 69, 65, 2],
  ["Uint32Array", 70, 66, 4],
  ["BigUint64Array", 71, 67, 8],
  ["Uint8ClampedArray", 68, 68, 1],
  ["Int8Array", 72, 72, 1],
  ["Int16Array", 77, 73, 2],
  ["Int32Array", 78, 74, 4],
  ["BigInt64Array", 79, 75, 8],
  ["Float16Array", 84, 80, 2],
  ["Float32Array", 85, 81, 4],
  ["Float64Array", 86, 82, 8],
];

const isLittleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;
const nameOfTypedArray = getterOf(Object.getPrototypeOf(Uint8Array.prototype) as object, Symbol.toStringTag);
const lengthOfBuffer = getterOf(ArrayBuffer.prototype, "byteLength");
const lengthOfDataView = getterOf(DataView.prototype, "byteLength");

const tagOf = new Map(kinds.map(([name, little]) => [name, little]));
const widthOf = new Map(kinds.map(([name, , , width]) => [name, width]));
const kindOfTag = new Map(
  kinds.flatMap(([name, little, big, width]) => [
    [little, { name, width, isSwapped: !isLittleEndian }] as const,
    ...(big === little ? [] : [[big, { name, width, isSwapped: isLittleEndian }] as const]),
  ]),
);

/** The names of the typed arrays there are. */
export const typedArrays: readonly string[] = kinds.map(([name]) => name);

/** A typed array: its own tag on its bytes, little-endian. */
export function encodeTypedArray(to: Encoding, value: object): boolean {
  const name = nameOfTypedArray.call(value);
  const tag = typeof name === "string" ? tagOf.get(name) : undefined;
  if (typeof name !== "string" || tag === undefined) return false;
  const bytes = bytesOf(to, value as ArrayBufferView);
  if (name !== "Uint8Array") to.out.head(Major.tag, tag);
  const width = widthOf.get(name)!;
  to.out.byteString(isLittleEndian || width === 1 ? bytes : swapped(bytes, width));
  return true;
}

/** Reads what follows a tag of RFC 8746; `undefined` if the tag is none of them. */
export function decodeTypedArray(from: Decoding, start: number, tag: number): ArrayBufferView | undefined {
  const kind = kindOfTag.get(tag);
  if (kind === undefined) return undefined;
  const { name, width, isSwapped } = kind;
  const Maker = (globalThis as unknown as Readonly<Record<string, Maker | undefined>>)[name];
  if (Maker === undefined) from.fail(`a ${name}, which this runtime does not have`, start);
  const bytes = from.view(from.count(Major.bytes, 1, `a ${name} that is no byte string`));
  if (bytes.length % width !== 0) from.fail(`a ${name} of ${bytes.length} bytes, no multiple of ${width}`, start);
  return new Maker(isSwapped && width > 1 ? swapped(bytes, width).buffer : bytes.slice().buffer);
}

/** Tells whether a tag is one of those of RFC 8746 that JavaScript has a typed array for. */
export function isTypedArrayTag(tag: number): boolean {
  return kindOfTag.has(tag);
}

/** An ArrayBuffer: the object "ArrayBuffer" of its bytes. */
export function encodeArrayBuffer(to: Encoding, value: object): boolean {
  if (!isTaken(lengthOfBuffer, value)) return false;
  refuseOwnProperties(to, value, "an ArrayBuffer");
  const buffer = value as ArrayBuffer;
  if (buffer.detached) to.refuse("an ArrayBuffer that was transferred to another owner");
  writeObject(to, "ArrayBuffer", new Uint8Array(buffer));
  return true;
}

/** A DataView: the object "DataView" of the bytes that it shows. */
export function encodeDataView(to: Encoding, value: object): boolean {
  if (!ArrayBuffer.isView(value)) return false;
  refuseOwnProperties(to, value, "a DataView");
  writeObject(to, "DataView", bytesOf(to, value));
  return true;
}

/** Reads the bytes of an ArrayBuffer or a DataView. */
export function decodeBuffer(from: Decoding, what: string): ArrayBuffer {
  return from.view(from.count(Major.bytes, 1, `${what} that is no byte string`)).slice().buffer;
}

function writeObject(to: Encoding, name: string, bytes: Uint8Array): void {
  to.out.head(Major.tag, Tag.object);
  const depth = to.enter(2);
  to.out.head(Major.array, 2);
  to.out.text(name);
  to.out.byteString(bytes);
  to.leave(depth);
}

function bytesOf(to: Encoding, view: ArrayBufferView): Uint8Array {
  const isGone = view instanceof DataView ? !isTaken(lengthOfDataView, view) : view.byteLength === 0;
  // Only then, since to ask for the buffer of a small typed array makes one.
  if (isGone && (view.buffer as ArrayBuffer).detached)
    to.refuse("a view of an ArrayBuffer that was transferred to another owner");
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}

function swapped(bytes: Uint8Array, width: number): Uint8Array<ArrayBuffer> {
  const result = new Uint8Array(bytes.length);
  for (let i = 0; i < bytes.length; i++) result[i] = bytes[i - (i % width) + width - 1 - (i % width)]!;
  return result;
}
