/** The resources of a plugin's process that can be limited. */
export interface Resources {
  /**
   * Memory that the plugin's process may use, in bytes: heap, buffers, stacks and code made at run time, not the files of
   * the program itself, nor processes that it starts. A quarter of it stays free of the JavaScript heap. Linux only.
   */
  readonly memoryBytes?: number;
  /** Descriptors that the plugin's process may have open at once: files, sockets, pipes. */
  readonly openFiles?: number;
  /** Processor time that the plugin's process may use up in its life, in whole seconds. */
  readonly cpuSeconds?: number;
}
