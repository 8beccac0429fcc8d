import assert from "node:assert/strict";

type Named = Readonly<Record<PropertyKey, unknown>>;
type Pairs = Map<object, object>;

/**
 * Holds that what arrived is what was sent, down to what deepEqual overlooks: the class of each object, -0, holes, the
 * bytes of each view and no others, enumerable or not. Maps and Sets are compared in order, so that their keys may be objects.
 *
 * @param isShared Whether one object must have arrived as one, wherever it is met, and two as two.
 */
export function assertSame(arrived: unknown, sent: unknown, isShared = false): void {
  compare(arrived, sent, "value", isShared ? new Map() : undefined, new Map());
}

function compare(arrived: unknown, sent: unknown, path: string, met: Pairs | undefined, met2: Pairs): void {
  if (typeof sent !== "object" || sent === null || typeof arrived !== "object" || arrived === null) {
    assert.ok(Object.is(arrived, sent), `${path}: ${String(arrived)} for ${String(sent)}`);
    return;
  }
  if (met !== undefined) {
    const before = met.get(sent);
    assert.equal(before === undefined || before === arrived, true, `${path}: two objects for one`);
    assert.equal(met2.has(arrived) && met2.get(arrived) !== sent, false, `${path}: one object for two`);
    if (before !== undefined) return;
    met.set(sent, arrived);
    met2.set(arrived, sent);
  }
  assert.notEqual(arrived, sent, `${path}: the object itself`);
  assert.equal(Object.getPrototypeOf(arrived), Object.getPrototypeOf(sent), `${path}: another class`);
  const down = (a: unknown, b: unknown, step: string): void => compare(a, b, path + step, met, met2);
  if (sent instanceof Date) return down(Number(arrived), Number(sent), ".getTime()");
  if (sent instanceof URL) return down((arrived as URL).href, sent.href, ".href");
  if (sent instanceof RegExp) return down(partsOf(arrived as RegExp).join(), partsOf(sent).join(), "");
  if (sent instanceof ArrayBuffer || ArrayBuffer.isView(sent)) {
    assert.deepEqual(bytesOf(arrived as ArrayBuffer), bytesOf(sent), path);
    return;
  }
  if (sent instanceof Map || sent instanceof Set) {
    const [a, b] = [[...(arrived as Map<unknown, unknown>)], [...sent]];
    assert.equal(a.length, b.length, `${path}: another size`);
    for (const [i, entry] of b.entries()) {
      if (sent instanceof Set) {
        down(a[i], entry, `.values()[${i}]`);
        continue;
      }
      const [key, value] = entry as [unknown, unknown];
      down(a[i]![0], key, `.keys()[${i}]`);
      down(a[i]![1], value, `.values()[${i}]`);
    }
    return;
  }
  if (Array.isArray(sent)) assert.equal((arrived as unknown[]).length, sent.length, `${path}: another length`);
  const keys = keysOf(sent);
  assert.deepEqual(keysOf(arrived), keys, `${path}: other properties`);
  for (const key of keys) {
    assert.equal(isEnumerable(arrived, key), isEnumerable(sent, key), `${path}.${key}: enumerable`);
    down((arrived as Named)[key], (sent as Named)[key], `.${key}`);
  }
}

/** The properties that cross, in order; of errors the enumerable ones, and what is known to be behind them. */
function keysOf(value: object): string[] {
  if (!(value instanceof Error)) return Object.keys(value);
  const hidden = ["name", "message", "cause", "errors", "error", "suppressed"];
  return [...hidden.filter((key) => Object.hasOwn(value, key) && !isEnumerable(value, key)), ...Object.keys(value)];
}

function isEnumerable(value: object, key: string): boolean {
  return Object.prototype.propertyIsEnumerable.call(value, key);
}

function partsOf(regexp: RegExp): readonly unknown[] {
  return [regexp.source, regexp.flags, regexp.lastIndex];
}

function bytesOf(value: ArrayBuffer | ArrayBufferView): number[] {
  const view = ArrayBuffer.isView(value) ? value : new Uint8Array(value);
  return [...new Uint8Array(view.buffer, view.byteOffset, view.byteLength)];
}
