/**
 * Takes up what crosses by reference while a message is encoded. PROTOCOL.md §6.7.
 *
 * It is offered every function, every object that is no data of §6, and plain objects whose properties are all
 * functions.
 */
export interface ReferenceSink {
  /** Plain objects and arrays that are offered too, whatever they are made of. Left out, none is looked up. */
  readonly marked?: { has(value: object): boolean } | undefined;
  /**
   * Takes one value up, or leaves it.
   *
   * @param path Where it stands, written only when asked for: `args[0].onProgress`.
   * @returns Its index in the message's list; `undefined` when it is no reference, so that it is refused (a plain
   * object: crosses by value) as without a sink.
   */
  add(value: object, path: () => string): number | undefined;
  /** What describes the references of the message, in the order of their indexes; `undefined` when there are none. */
  list(): readonly unknown[] | undefined;
}

/** Gives what the references of a message stand for. PROTOCOL.md §6.7. */
export interface ReferenceSource {
  /**
   * Takes the first item of the message, before anything after it is decoded.
   *
   * @param list `null`, or what came of {@linkcode ReferenceSink.list}, as plain data that nobody has checked.
   * @throws PluginError `bad_message`, `limit`
   */
  begin(list: unknown): void;
  /**
   * Gives what a reference stands for.
   *
   * @param index A whole number from 0 that nobody has checked.
   * @throws PluginError `bad_message` for an index that is none.
   */
  at(index: number): unknown;
}
