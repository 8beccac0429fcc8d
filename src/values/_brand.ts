/** The getter of a property of a built-in class: that it does not throw tells a true instance. */
export function getterOf(prototype: object, name: PropertyKey): (this: unknown) => unknown {
  return Object.getOwnPropertyDescriptor(prototype, name)!.get!;
}

/** Tells whether a method of a built-in class takes this for an instance; `Object.create(Map.prototype)` is none. */
export function isTaken(method: (this: unknown) => unknown, value: object): boolean {
  try {
    method.call(value);
    return true;
  } catch {
    return false;
  }
}
