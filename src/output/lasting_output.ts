import type { Runtime } from "../runtime/runtime.ts";
import type { Link, LinkHandler } from "../transport/mod.ts";
import { type FollowedOutput, followOutput, type OutputOffsets } from "./_follow_output.ts";
import type { OutputTaker } from "./_followed_file.ts";
import type { OutputFiles } from "./output_files.ts";
import type { PluginOutput } from "./plugin_output.ts";

/** What {@linkcode LastingOutput.follow} needs. */
export interface LastingOutputParts {
  readonly files: OutputFiles;
  readonly output: PluginOutput;
  readonly runtime: Runtime;
  /** Where to begin when no host has recorded anything. */
  readonly from: OutputOffsets;
}

/** The output of a plugin that outlives its host, which goes to files. */
export class LastingOutput {
  readonly #followed: FollowedOutput;
  readonly #parts: LastingOutputParts;

  private constructor(followed: FollowedOutput, parts: LastingOutputParts) {
    this.#followed = followed;
    this.#parts = parts;
  }

  /** Passes on what comes. @param line Looks for the handshake line in stdout first; left out once there was one. */
  static async follow(parts: LastingOutputParts, line?: StdoutFile): Promise<LastingOutput> {
    const { files, output, runtime, from } = parts;
    const stdout = line?.taker(output.fromStdoutFile) ?? output.fromStdoutFile;
    const handler = { stdout, stderr: output.fromStderrFile };
    return new LastingOutput(await followOutput(files, from, handler, { runtime, log: output.log }), parts);
  }

  /** Where the files are, and how far they were delivered. */
  get place(): { readonly directory: string } & OutputOffsets {
    return { directory: this.#parts.files.directory, ...this.#followed.offsets };
  }

  /** The plugin has ended: passes on the rest. */
  async finish(): Promise<void> {
    await this.#followed.finish();
  }

  /** Leaves the rest to another host. */
  async letGo(): Promise<void> {
    await this.#followed.detach();
    await this.#parts.output.letGo();
  }
}

/** The file of a plugin's stdout as a link, on which its handshake line is looked for. */
export class StdoutFile implements Link {
  readonly name = "stdout in a file";
  #handler: LinkHandler | undefined;

  /** Gives the pieces to the link; what is no line comes back to the one behind. */
  taker(behind: OutputTaker): OutputTaker {
    return {
      bytes: (chunk) => this.#handler?.bytes(chunk),
      taken: () => behind.taken(),
      get heldBytes() {
        return behind.heldBytes;
      },
      again: (chunk) => behind.again(chunk),
      gap: () => behind.gap(),
      end: () => this.#handler?.end(),
    };
  }

  start(handler: LinkHandler): void {
    this.#handler = handler;
  }

  // Nothing is written to a file of output, and what was found there is not held up.

  write(): boolean {
    return true;
  }

  end(): void {}

  destroy(): void {}

  pause(): void {}

  resume(): void {}
}
