const maxNameBytes = 200;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const control = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/u;
const utf8 = new TextEncoder();

/**
 * Checks the name of a contract or method. Names stand in log lines and errors, so they stay on one line.
 *
 * @param what What is named, for the error: `contract name`.
 * @throws TypeError or RangeError in plain words.
 */
export function checkName(what: string, name: unknown): asserts name is string {
  if (typeof name !== "string") throw new TypeError(`a ${what} must be a string, not ${kindOf(name)}`);
  if (name === "") throw new RangeError(`a ${what} must not be empty`);
  const shown = JSON.stringify(name.length > 60 ? `${name.slice(0, 60)}…` : name);
  if (control.test(name)) throw new RangeError(`the ${what} ${shown} has a control character`);
  if (!name.isWellFormed()) throw new RangeError(`the ${what} ${shown} has a lone surrogate`);
  const bytes = utf8.encode(name).length;
  if (bytes > maxNameBytes)
    throw new RangeError(`the ${what} ${shown} has ${bytes} bytes; ${maxNameBytes} are allowed`);
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}

/** Why a method cannot have this name, or `undefined`. */
export function reservedReason(name: string): string | undefined {
  if (name === "then") return "an object with a method then is taken for a promise by await";
  if (name === "constructor") return "every class has one of its own";
  if (name === "toJSON") return "JSON.stringify asks every object for it";
  if (name === "__proto__") return "JavaScript takes it for the prototype";
  return undefined;
}
