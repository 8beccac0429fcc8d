/** A typed array of numbers: all but a `Uint8Array`, which is bytes. */
export type NumberArray =
  | Int8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | Float32Array
  | Float64Array
  | BigInt64Array
  | BigUint64Array;

type Make = (items: readonly never[]) => NumberArray;

const makers: ReadonlyMap<string, Make> = new Map<string, Make>([
  ["Int8Array", (items) => Int8Array.from(items)],
  ["Uint8ClampedArray", (items) => Uint8ClampedArray.from(items)],
  ["Int16Array", (items) => Int16Array.from(items)],
  ["Uint16Array", (items) => Uint16Array.from(items)],
  ["Int32Array", (items) => Int32Array.from(items)],
  ["Uint32Array", (items) => Uint32Array.from(items)],
  ["Float16Array", (items) => (globalThis as unknown as Float16).Float16Array.from(items)],
  ["Float32Array", (items) => Float32Array.from(items)],
  ["Float64Array", (items) => Float64Array.from(items)],
  ["BigInt64Array", (items) => BigInt64Array.from(items)],
  ["BigUint64Array", (items) => BigUint64Array.from(items)],
]);

/** Newer than the types that the library is made for. */
interface Float16 {
  readonly Float16Array: { from(items: readonly number[]): NumberArray };
}

/** True for a typed array of numbers. */
export function isNumberArray(value: ArrayBuffer | ArrayBufferView): value is NumberArray {
  return makers.has((value as NumberArray)[Symbol.toStringTag]);
}

/** Makes one from a list of what it holds; `undefined` when the name or an item is wrong. */
export function makeNumberArray(name: string, items: readonly unknown[]): NumberArray | undefined {
  const wanted = name.startsWith("Big") ? "bigint" : "number";
  if (!items.every((item) => typeof item === wanted)) return undefined;
  return makers.get(name)?.(items as readonly never[]);
}
