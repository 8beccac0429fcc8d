import type { Encoding } from "./_encoding.ts";

/** Refuses a built-in object that was given properties of its own: they would not arrive. */
export function refuseOwnProperties(to: Encoding, value: object, what: string): void {
  const names = Object.keys(value);
  if (names.length > 0)
    to.refuse(`${what} with properties of its own (${JSON.stringify(names[0])}), which would be lost`);
}
