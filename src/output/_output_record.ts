import type { Logger } from "../log/mod.ts";
import type { OpenFile, Runtime } from "../runtime/runtime.ts";
import { formatPlaces, type OutputPlace, type OutputPlaces, parsePlaces, recordBytes } from "./_output_places.ts";
import type { OutputFiles, OutputName } from "./output_files.ts";

/** What an {@linkcode OutputRecord} is made with. */
export interface RecordParts {
  readonly files: OutputFiles;
  readonly runtime: Runtime;
  readonly log: Logger;
}

interface Claimed {
  /** Where it is kept; `undefined` where it cannot be. */
  readonly file: OpenFile | undefined;
  readonly number: number;
  readonly places: OutputPlaces;
}

/**
 * The record of how far a host has delivered a plugin's output, in a file that is called after how many hosts have done so:
 * `delivered.1`, and so on. Whoever takes the output over makes the next one and removes the one before, and that is how
 * the host before learns of it: of two that overlap, only one delivers.
 */
export class OutputRecord {
  readonly #parts: RecordParts;
  readonly #file: OpenFile | undefined;
  readonly #number: number;
  #places: OutputPlaces;
  #hasFailed = false;
  #isLost = false;

  private constructor(parts: RecordParts, { file, number, places }: Claimed) {
    this.#parts = parts;
    this.#file = file;
    this.#number = number;
    this.#places = places;
  }

  /**
   * Takes the output over. Never rejects: without a record it is delivered all the same.
   *
   * @param fallback Where to go on when no record can be read.
   */
  static async claim(fallback: OutputPlaces, parts: RecordParts): Promise<OutputRecord> {
    const before = openBefore(await numbers(parts), parts);
    try {
      if (before.length > 0 && readFirst(before) === undefined)
        parts.log.warn(
          "how far the plugin's output was delivered cannot be read; some of it may come twice or not at all",
        );
      return new OutputRecord(parts, await claim(before, fallback, parts));
    } finally {
      for (const { file } of before) file.close();
    }
  }

  /** How far both were delivered. */
  get places(): OutputPlaces {
    return this.#places;
  }

  /** Notes how far one was delivered. */
  set(name: OutputName, place: OutputPlace): void {
    this.#places = { ...this.#places, [name]: place };
    try {
      this.#file?.writeNow(0, formatPlaces(this.#places));
      this.#hasFailed = false;
    } catch (error) {
      // Said once: it would come with every line that the plugin prints.
      if (!this.#hasFailed)
        this.#parts.log.warn("how far the plugin's output is delivered cannot be recorded", { error });
      this.#hasFailed = true;
    }
  }

  /** True unless another host has taken the output over. */
  async isMine(): Promise<boolean> {
    if (this.#file === undefined || this.#isLost || this.#links() > 0) return true;
    const last = Math.max(0, ...(await numbers(this.#parts)));
    if (last > this.#number) return false;
    this.#isLost = true;
    this.#parts.log.warn(
      "the record of how far the plugin's output is delivered was removed; a host that takes over repeats it",
    );
    return true;
  }

  /** Lets go of the file. */
  close(): void {
    this.#file?.close();
  }

  #links(): number {
    try {
      return this.#file!.facts().links;
    } catch {
      // What cannot be looked at cannot be written to either, and that is said.
      return 1;
    }
  }
}

interface Before {
  readonly number: number;
  readonly file: OpenFile;
}

async function claim(before: readonly Before[], fallback: OutputPlaces, parts: RecordParts): Promise<Claimed> {
  const { runtime, log } = parts;
  const last = before[0]?.number ?? 0;
  const number = last + 1;
  let file: OpenFile | undefined;
  try {
    file = runtime.openFile(pathOf(number, parts), "new");
    file.writeNow(0, formatPlaces(readFirst(before) ?? fallback));
    await Promise.all(before.map((each) => runtime.remove(pathOf(each.number, parts))));
    // The host before may have delivered more in the meantime; from now on it does not.
    const places = readFirst(before) ?? fallback;
    file.writeNow(0, formatPlaces(places));
    return { file, number, places };
  } catch (error) {
    log.warn("the plugin's output could not be taken over as it should; some of it may come twice", { error });
    file?.close();
    if (file !== undefined) await runtime.remove(pathOf(number, parts)).catch(() => {});
    return { file: openOld(last, parts), number: last, places: readFirst(before) ?? fallback };
  }
}

/** A record that is there can be written over even when the disk is full. */
function openOld(number: number, parts: RecordParts): OpenFile | undefined {
  if (number === 0) return undefined;
  try {
    return parts.runtime.openFile(pathOf(number, parts), "update");
  } catch {
    // What there is to say of it was said.
    return undefined;
  }
}

const namePattern = /^delivered\.(\d{1,9})$/;

function pathOf(number: number, { files }: RecordParts): string {
  return files.path(`delivered.${number}`);
}

async function numbers({ files, runtime }: RecordParts): Promise<number[]> {
  const names = await runtime.list(files.directory);
  return names.map((name) => Number(namePattern.exec(name)?.[1] ?? 0)).filter((number) => number > 0);
}

/** The records of hosts before, the last first. */
function openBefore(found: readonly number[], parts: RecordParts): Before[] {
  const open: Before[] = [];
  for (const number of found.toSorted((a, b) => b - a)) {
    try {
      open.push({ number, file: parts.runtime.openFile(pathOf(number, parts), "read") });
    } catch {
      // Yet another host has just taken over from it.
    }
  }
  return open;
}

/** The last of them that holds something. */
function readFirst(before: readonly Before[]): OutputPlaces | undefined {
  for (const { file } of before) {
    try {
      const places = parsePlaces(file.readNow(0, recordBytes + 1));
      if (places !== undefined) return places;
    } catch {
      // As good as none.
    }
  }
  return undefined;
}
