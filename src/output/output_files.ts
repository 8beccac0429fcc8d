import { ErrorCode, PluginError } from "../errors/mod.ts";
import { formatQuota, quotaFileName } from "../handshake/mod.ts";
import type { OpenFile, Runtime } from "../runtime/runtime.ts";

/** What directories of output are called. Not as those of launches are, which go with their host. */
export const outputPrefix = "plugwire-output-";

/** The two outputs of a plugin. */
export type OutputName = "stdout" | "stderr";

/** The default of `maxOutputBytes`. */
const defaultMaxBytes = 268_435_456;

/** What is not the default of {@linkcode OutputFiles.create}. */
export interface CreateOutputOptions {
  /** Where. Default: the directory for temporary files. */
  readonly parent?: string;
  /** What each file may take of the disk, in bytes. Default 268,435,456. */
  readonly maxBytes?: number;
}

/** The files that a plugin's stdout and stderr go to, in a directory of their own that only the user may enter. */
export class OutputFiles {
  /** The directory, absolute, of mode 0700. */
  readonly directory: string;
  readonly #runtime: Runtime;

  private constructor(directory: string, runtime: Runtime) {
    this.directory = directory;
    this.#runtime = runtime;
  }

  /**
   * Makes the directory and both files, which are empty and of mode 0600.
   *
   * @throws PluginError `start_failed`, `internal`, with errno.
   */
  static async create(runtime: Runtime, options: CreateOutputOptions = {}): Promise<OutputFiles> {
    const { parent, maxBytes = defaultMaxBytes } = options;
    const directory = await runtime.makePrivateDirectory(outputPrefix, parent);
    const files = new OutputFiles(directory, runtime);
    try {
      for (const path of [files.stdoutPath, files.stderrPath]) runtime.openFile(path, "new").close();
      files.#write(quotaFileName, formatQuota({ maxBytes, stdout: 0, stderr: 0 }));
      return files;
    } catch (error) {
      // What made it fail matters more.
      await files.remove().catch(() => {});
      throw error;
    }
  }

  /**
   * Takes up files that another host made.
   *
   * @throws PluginError `not_found` when there are none, `internal` when others could have written there.
   */
  static async open(runtime: Runtime, directory: string): Promise<OutputFiles> {
    const found = await runtime.stat(directory);
    if (found === undefined)
      throw new PluginError(ErrorCode.notFound, `the directory ${directory} of the plugin's output does not exist`);
    const fault = privacyFault(found, "directory", runtime);
    if (fault !== undefined)
      throw new PluginError(ErrorCode.internal, `the plugin's output in ${directory} is not used: it ${fault}`);
    return new OutputFiles(directory, runtime);
  }

  /** Where stdout goes. */
  get stdoutPath(): string {
    return this.path("stdout");
  }

  /** Where stderr goes. */
  get stderrPath(): string {
    return this.path("stderr");
  }

  /** Path of one of its files. */
  path(name: string): string {
    return `${this.directory}/${name}`;
  }

  /**
   * Opens one of the two for reading.
   *
   * @throws PluginError `not_found`, `internal`.
   */
  openOutput(name: OutputName): OpenFile {
    const path = this.path(name);
    const file = this.#runtime.openFile(path, "read");
    const fault = privacyFault(file.facts(), "file", this.#runtime);
    if (fault === undefined) return file;
    file.close();
    throw new PluginError(ErrorCode.internal, `the plugin's ${name} in ${path} is not read: it ${fault}`);
  }

  /** Removes the directory with all in it: what nobody has read is lost. */
  async remove(): Promise<void> {
    await this.#runtime.remove(this.directory);
  }

  #write(name: string, bytes: Uint8Array): void {
    const file = this.#runtime.openFile(this.path(name), "new");
    try {
      file.writeNow(0, bytes);
    } finally {
      file.close();
    }
  }
}

/** What speaks against trusting what is written there. */
function privacyFault(
  facts: { readonly kind: string; readonly mode: number; readonly uid: number },
  kind: "file" | "directory",
  runtime: Runtime,
): string | undefined {
  if (facts.kind !== kind) return `is no ${kind}`;
  const uid = runtime.uid();
  // Where there are no owners, or they may not be asked for, the system's own rules have to do.
  if (uid === undefined) return undefined;
  if (facts.uid !== uid) return `belongs to user ${facts.uid}, and this is user ${uid}`;
  if ((facts.mode & 0o077) !== 0)
    return `is open to others (mode ${facts.mode.toString(8).padStart(4, "0")}); it must be for its owner alone`;
  return undefined;
}
