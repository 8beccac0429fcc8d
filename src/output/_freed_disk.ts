import type { Runtime } from "../runtime/runtime.ts";
import type { OutputPlaces } from "./_output_places.ts";
import type { OutputFiles, OutputName } from "./output_files.ts";

/** How much must have been delivered before the disk is given back, in bytes: each time takes a process. */
const freeBytes = 16_777_216;
/** The disk is given back in whole blocks, and none is larger. */
const blockBytes = 65_536;

/** Gives the disk back that delivered output takes, where the system can. Offsets in the files stay what they are. */
export class FreedDisk {
  readonly #files: OutputFiles;
  readonly #runtime: Runtime;
  /** Up to where it was freed by this host. What one before has freed costs little to free again. */
  readonly #freed: Record<OutputName, number> = { stdout: 0, stderr: 0 };
  #freeing: Promise<void> | undefined;
  #isPossible = true;

  constructor(files: OutputFiles, runtime: Runtime) {
    this.#files = files;
    this.#runtime = runtime;
  }

  /** Settles when nothing is being freed. */
  async settled(): Promise<void> {
    await this.#freeing;
  }

  /** Frees what is worth it. Nothing waits for it, and it never fails. */
  free(places: OutputPlaces): void {
    for (const name of ["stdout", "stderr"] as const) {
      if (this.#freeing !== undefined || !this.#isPossible) return;
      const to = places[name].logged - (places[name].logged % blockBytes);
      const from = this.#freed[name];
      // After a cut the file began anew.
      if (to < from) this.#freed[name] = 0;
      else if (to - from >= freeBytes) this.#freeing = this.#free(name, from, to);
    }
  }

  async #free(name: OutputName, from: number, to: number): Promise<void> {
    this.#isPossible = await this.#runtime.freeDisk(this.#files.path(name), from, to - from);
    this.#freed[name] = to;
    this.#freeing = undefined;
  }
}
