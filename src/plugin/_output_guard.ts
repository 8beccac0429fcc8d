import { formatQuota, type OutputQuota, parseQuota, quotaBytes, quotaFileName } from "../handshake/mod.ts";
import { log } from "../log/mod.ts";
import type { OpenFile, Runtime, Timer } from "../runtime/runtime.ts";

/** Time between two looks, in ms. */
const lookMs = 1_000;
/** What is kept when the rest is dropped, in bytes: the newest. */
const keptBytes = 1_048_576;
const newline = 10;

/**
 * Keeps the files of this plugin's output within their quota, PROTOCOL.md §2.8. It is the plugin that does so, as nobody else
 * is there when it has no host; and it can free what others could not without losing what it writes meanwhile, since all
 * of that comes from this one thread.
 *
 * @param directory Of the files.
 * @returns Ends it.
 */
export function guardOutput(directory: string, runtime: Runtime): () => void {
  let guard: OutputGuard;
  try {
    guard = new OutputGuard(directory, runtime);
  } catch (error) {
    // On Deno it may not be permitted. The output comes all the same.
    log.debug("the size of this plugin's output is not limited", { error });
    return () => {};
  }
  let timer: Timer;
  const look = (): void => {
    if (guard.look()) timer = runtime.setTimer(look, lookMs);
  };
  timer = runtime.setTimer(look, lookMs);
  return () => {
    timer.cancel();
    guard.close();
  };
}

class OutputGuard {
  readonly #stdout: OpenFile;
  readonly #stderr: OpenFile;
  readonly #record: OpenFile;
  #quota: OutputQuota;

  constructor(directory: string, runtime: Runtime) {
    this.#record = runtime.openFile(`${directory}/${quotaFileName}`, "update");
    const quota = parseQuota(this.#record.readNow(0, quotaBytes + 1));
    if (quota === undefined) throw new TypeError(`${directory}/${quotaFileName} holds no quota`);
    this.#quota = quota;
    this.#stdout = runtime.openFile(`${directory}/stdout`, "update");
    this.#stderr = runtime.openFile(`${directory}/stderr`, "update");
  }

  /** Drops what is too much. Gives whether there will be more to look for. */
  look(): boolean {
    try {
      this.#keep("stdout", this.#stdout);
      this.#keep("stderr", this.#stderr);
      return true;
    } catch (error) {
      log.warn("the size of this plugin's output is not limited any more", { error });
      return false;
    }
  }

  close(): void {
    for (const file of [this.#stdout, this.#stderr, this.#record]) file.close();
  }

  #keep(name: "stdout" | "stderr", file: OpenFile): void {
    const { size, allocatedBytes } = file.facts();
    if (allocatedBytes <= this.#quota.maxBytes) return;
    const from = Math.max(0, size - Math.min(keptBytes, this.#quota.maxBytes / 2));
    const end = file.readNow(from, size - from);
    // No line is kept in part where that can be helped: of one that is longer than all that is kept, its end is better than nothing.
    const first = end.indexOf(newline) + 1;
    const cut = first === end.length ? 0 : first;
    const kept = end.subarray(cut);
    // Known before it is done: who reads on meets the record, and not zeros.
    this.#quota = { ...this.#quota, [name]: from + cut };
    this.#record.writeNow(0, formatQuota(this.#quota));
    file.truncateNow(0);
    // What stands before takes no disk, and every offset is what it was.
    file.truncateNow(from + cut);
    file.writeNow(from + cut, kept);
  }
}
