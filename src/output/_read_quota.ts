import { parseQuota, quotaBytes, quotaFileName } from "../handshake/mod.ts";
import type { OpenFile, Runtime } from "../runtime/runtime.ts";
import type { OutputFiles, OutputName } from "./output_files.ts";

/** What the plugin says of output that it dropped, as nobody had read it in time. */
export class ReadQuota {
  #file: OpenFile | undefined;

  constructor(files: OutputFiles, runtime: Runtime) {
    try {
      this.#file = runtime.openFile(files.path(quotaFileName), "read");
    } catch {
      // A plugin that cannot read it either drops nothing.
    }
  }

  /** Everything before this offset is gone. */
  dropped(name: OutputName): number {
    if (this.#file === undefined) return 0;
    try {
      return parseQuota(this.#file.readNow(0, quotaBytes + 1))?.[name] ?? 0;
    } catch {
      // The next batch asks again; one that cannot be read at all says nothing.
      return 0;
    }
  }

  /** Lets go of the file. */
  close(): void {
    this.#file?.close();
    this.#file = undefined;
  }
}
