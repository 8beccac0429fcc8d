import type { Decoding } from "./_decoding.ts";
import type { Encoding } from "./_encoding.ts";
import { Major, Tag } from "./tags.ts";

type Entries = readonly (readonly [string, unknown])[];

/** The classes that are revived as such: those of the language, and DOMException. Nothing else is ever looked up. */
const classNames = [
  "EvalError",
  "RangeError",
  "ReferenceError",
  "SyntaxError",
  "TypeError",
  "URIError",
  "AggregateError",
  "SuppressedError",
  "DOMException",
  "Error",
] as const;
type SuppressedErrorMaker = new (error: unknown, suppressed: unknown, message?: string) => Error;
type ClassName = (typeof classNames)[number];

/** What a class has beside message and cause; not enumerable, as the runtimes have it. */
const partsOf: Readonly<Partial<Record<ClassName, readonly string[]>>> = {
  AggregateError: ["errors"],
  SuppressedError: ["error", "suppressed"],
};

/** An error costs far more than its text: the runtimes keep a stack with each. */
const cost = 256;

/** Tells whether a value is an error, of another realm or of a class made in the old way too. */
export function isError(value: object): value is Error {
  // Not known to the library of types yet.
  const { isError: isTrueError } = Error as unknown as { isError?: (value: unknown) => boolean };
  return isTrueError?.(value) === true || value instanceof Error;
}

/** An error: the object of its class's name, its message, and what else it has. PROTOCOL.md §6.5. */
export function encodeError(to: Encoding, error: Error): void {
  const className = classOf(error);
  const fields = fieldsOf(error, to.stacks);
  const hidden = hiddenOf(to, error, className);
  const message = Object.hasOwn(error, "message") || error.message !== "" ? String(error.message) : undefined;
  const maps = fields.length > 0 ? 2 : hidden.length > 0 ? 1 : 0;
  const isDom = className === "DOMException";
  to.out.head(Major.tag, Tag.object);
  const depth = to.enter(cost);
  to.out.head(Major.array, (isDom ? 3 : 2) + maps);
  to.out.text(className);
  to.value(message);
  if (isDom) to.out.text(nameOf(error));
  // The way to a part of an error leads from the error, not from the array that it is on the wire.
  to.step(depth, null);
  if (maps > 0) writeMap(to, hidden);
  if (maps > 1) writeMap(to, fields);
  to.leave(depth);
}

/** Reads what follows an error's class. */
export function decodeError(from: Decoding, start: number, className: string, items: number): Error {
  if (!isClassName(className))
    from.fail(`an object of the class ${JSON.stringify(className)}, which is not known`, start);
  const isDom = className === "DOMException";
  const maps = items - (isDom ? 2 : 1);
  if (maps < 0 || maps > 2) from.fail(`a ${className} that is not made of message, parts and fields`, start);
  from.take(cost);
  const message = from.nextMajor() === Major.simple ? from.item() : from.string("an error whose message is no text");
  if (message !== undefined && typeof message !== "string") from.fail("an error whose message is no text", start);
  const error = isDom ? makeDom(message, from.string("an error whose name is no text")) : make(className, message);
  from.built(error);
  const parted = maps > 0 ? readMap(from, start) : {};
  for (const key of Object.keys(parted)) {
    if (!isPart(className, key, parted[key])) from.fail(`an error with the part ${JSON.stringify(key)}`, start);
    define(error, key, parted[key], false);
  }
  const fields = maps > 1 ? readMap(from, start) : {};
  for (const key of Object.keys(fields)) define(error, key, fields[key], true);
  // What the runtime wrote there is where the error was decoded, and of no use to anyone.
  if (!Object.hasOwn(parted, "stack") && !Object.hasOwn(fields, "stack")) {
    define(error, "stack", message ? `${nameOf(error)}: ${message}` : nameOf(error), false);
  }
  return error;
}

function nameOf(error: Error): string {
  const { name } = error as { readonly name: unknown };
  return typeof name === "string" ? name : "Error";
}

/** The nearest class of which this is an instance and that the other side has, too. */
function classOf(error: Error): ClassName {
  for (let at: unknown = Object.getPrototypeOf(error); at !== null; at = Object.getPrototypeOf(at)) {
    const maker: unknown = Object.getOwnPropertyDescriptor(at, "constructor")?.value;
    if (typeof maker !== "function" || !isClassName(maker.name)) continue;
    // A class of that name alone could be anyone's: those of the language have their names as data of the prototype.
    if (maker === classNamed(maker.name) || Object.getOwnPropertyDescriptor(at, "name")?.value === maker.name) {
      return maker.name;
    }
  }
  return "Error";
}

function hiddenOf(to: Encoding, error: Error, className: ClassName): Entries {
  const hidden: [string, unknown][] = [];
  const { name, stack } = error as { readonly name: unknown; readonly stack: unknown };
  const isNamed = className === "DOMException" || name === className || isEnumerable(error, "name");
  if (typeof name === "string" && !isNamed) hidden.push(["name", name]);
  for (const key of ["cause", ...(partsOf[className] ?? [])]) {
    if (Object.hasOwn(error, key) && !isEnumerable(error, key)) {
      hidden.push([key, (error as unknown as Readonly<Record<string, unknown>>)[key]]);
    }
  }
  if (to.stacks && typeof stack === "string" && !isEnumerable(error, "stack")) hidden.push(["stack", stack]);
  return hidden;
}

function fieldsOf(error: Error, stacks: boolean): Entries {
  const fields: [string, unknown][] = [];
  for (const key of Object.keys(error)) {
    if (key === "stack" && !stacks) continue;
    const value = (error as unknown as Readonly<Record<string, unknown>>)[key];
    // Deno's node: modules give their errors an own enumerable toString, which is nothing that an error says.
    if (key === "toString" && typeof value === "function") continue;
    fields.push([key, value]);
  }
  return fields;
}

function isEnumerable(error: Error, key: string): boolean {
  return Object.prototype.propertyIsEnumerable.call(error, key);
}

function writeMap(to: Encoding, entries: Entries): void {
  const depth = to.enter(8 + 2 * entries.length);
  to.out.head(Major.map, entries.length);
  for (const [key, value] of entries) {
    to.step(depth, key);
    to.out.text(key);
    to.value(value);
  }
  to.leave(depth);
}

function readMap(from: Decoding, start: number): Readonly<Record<string, unknown>> {
  if (from.nextMajor() !== Major.map) from.fail("an error whose parts are no map", start);
  return from.item() as Readonly<Record<string, unknown>>;
}

function isPart(className: ClassName, key: string, value: unknown): boolean {
  if (key === "name" || key === "stack") return typeof value === "string";
  if (key === "errors") return className === "AggregateError" && Array.isArray(value);
  return key === "cause" || partsOf[className]?.includes(key) === true;
}

function isClassName(name: string): name is ClassName {
  return (classNames as readonly string[]).includes(name);
}

function classNamed(name: ClassName): unknown {
  return (globalThis as unknown as Readonly<Record<string, unknown>>)[name];
}

function make(className: ClassName, message: string | undefined): Error {
  if (className === "AggregateError") return new AggregateError([], message);
  const Class = classNamed(className);
  if (Class === undefined) return named(new Error(message), className);
  if (className === "SuppressedError") return new (Class as SuppressedErrorMaker)(undefined, undefined, message);
  return new (Class as ErrorConstructor)(message);
}

/** Its code follows from the name that it is made with, and from no other. */
function makeDom(message: string | undefined, name: string): Error {
  return new DOMException(message, name) as unknown as Error;
}

function named(error: Error, name: string): Error {
  define(error, "name", name, false);
  return error;
}

function define(error: Error, key: string, value: unknown, enumerable: boolean): void {
  Object.defineProperty(error, key, { value, enumerable, writable: true, configurable: true });
}
