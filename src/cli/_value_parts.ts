/** True for a number that is the same after JSON. */
export function isPlainNumber(value: number): boolean {
  return Number.isFinite(value) && !Object.is(value, -0);
}

/** `NaN`, `-0` and so on, as JavaScript writes them. */
export function nameOfNumber(value: number): string {
  return Object.is(value, -0) ? "-0" : String(value);
}

/** What an error has beside name, message and stack. */
export function errorFields(error: Error): [string, unknown][] {
  const hidden = ["cause", "errors"] as const;
  const named = hidden.flatMap((name): [string, unknown][] =>
    Object.hasOwn(error, name) ? [[name, (error as Partial<AggregateError>)[name]]] : [],
  );
  const known = ["name", "message", "stack", ...hidden];
  return [...Object.entries(error).filter(([name]) => !known.includes(name)), ...named];
}
