import type { Logger } from "../log/mod.ts";
import type { Runtime, Timer } from "../runtime/runtime.ts";
import { settledWithin } from "../runtime/settled_within.ts";
import { FollowedFile, type FollowedParts, type OutputTaker } from "./_followed_file.ts";
import { FreedDisk } from "./_freed_disk.ts";
import type { OutputPlace } from "./_output_places.ts";
import { OutputRecord } from "./_output_record.ts";
import { ReadQuota } from "./_read_quota.ts";
import type { OutputFiles, OutputName } from "./output_files.ts";

/** Time between two looks at the files, in ms: while something comes, and at most. */
const soonestMs = 10;
const latestMs = 100;
/** The same for files that nothing has come to for a while. */
const quietAfterMs = 10_000;
const quietMs = 250;
/** How much longer to wait after each look that found nothing. */
const growth = 1.5;
/** Time for what is under way when a host lets go, in ms; what a sink has not taken by then counts as not delivered. */
const letGoMs = 1_000;

/** How far the two outputs were delivered, in bytes from the plugin's start. */
export interface OutputOffsets {
  readonly stdout: number;
  readonly stderr: number;
}

/** Takes both outputs of a plugin. */
export interface OutputHandler {
  readonly stdout: OutputTaker;
  readonly stderr: OutputTaker;
}

/** What {@linkcode followOutput} needs. */
export interface FollowOptions {
  readonly runtime: Runtime;
  /** Where is said what becomes of the files. */
  readonly log: Logger;
}

/** The output of a plugin as it is being followed. */
export interface FollowedOutput {
  /** How far it was delivered and recorded. */
  readonly offsets: OutputOffsets;
  /**
   * To be called once the plugin has ended: delivers the rest and then ends the handler. What something else goes on writing
   * after that is not read.
   */
  finish(): Promise<void>;
  /** Lets go without an end, for another host to go on. Bounded, whatever the sinks do. */
  detach(): Promise<OutputOffsets>;
}

/**
 * Delivers what a plugin writes to its files, from where the host before stopped. What was delivered is recorded after each
 * batch: the next host repeats at most the one that this host was killed in.
 *
 * @param from Where to begin when there is no record, or none that can be read.
 * @throws PluginError `not_found`, `internal`, when the files cannot be read.
 */
export async function followOutput(
  files: OutputFiles,
  from: OutputOffsets,
  handler: OutputHandler,
  { runtime, log }: FollowOptions,
): Promise<FollowedOutput> {
  const stdout = files.openOutput("stdout");
  try {
    const stderr = files.openOutput("stderr");
    const place = (delivered: number): OutputPlace => ({ delivered, logged: delivered, id: "" });
    const fallback = { stdout: place(from.stdout), stderr: place(from.stderr) };
    const record = await OutputRecord.claim(fallback, { files, runtime, log });
    const quota = new ReadQuota(files, runtime);
    const parts = (name: OutputName): FollowedParts => ({
      record,
      taker: handler[name],
      log,
      dropped: () => quota.dropped(name),
    });
    const followed = {
      stdout: new FollowedFile("stdout", stdout, parts("stdout")),
      stderr: new FollowedFile("stderr", stderr, parts("stderr")),
    };
    return new Follower(followed, { record, quota, files, runtime });
  } catch (error) {
    stdout.close();
    throw error;
  }
}

interface FollowerParts {
  readonly record: OutputRecord;
  readonly quota: ReadQuota;
  readonly files: OutputFiles;
  readonly runtime: Runtime;
}

class Follower implements FollowedOutput {
  readonly #followed: Readonly<Record<OutputName, FollowedFile>>;
  readonly #record: OutputRecord;
  readonly #quota: ReadQuota;
  readonly #runtime: Runtime;
  readonly #freed: FreedDisk;
  #timer: Timer | undefined;
  #delayMs = soonestMs;
  #lastMs = 0;
  #ending: Promise<void> | undefined;

  constructor(followed: Readonly<Record<OutputName, FollowedFile>>, { record, quota, files, runtime }: FollowerParts) {
    this.#followed = followed;
    this.#record = record;
    this.#quota = quota;
    this.#runtime = runtime;
    this.#freed = new FreedDisk(files, runtime);
    this.#next();
  }

  get offsets(): OutputOffsets {
    const { stdout, stderr } = this.#record.places;
    return { stdout: stdout.delivered, stderr: stderr.delivered };
  }

  finish(): Promise<void> {
    this.#ending ??= this.#finish();
    return this.#ending;
  }

  async detach(): Promise<OutputOffsets> {
    this.#ending ??= this.#letGo();
    await this.#ending;
    return this.offsets;
  }

  async #finish(): Promise<void> {
    this.#timer?.cancel();
    await Promise.all([this.#followed.stdout.finish(), this.#followed.stderr.finish()]);
    await this.#freed.settled();
    this.#record.close();
    this.#quota.close();
  }

  async #letGo(): Promise<void> {
    this.#timer?.cancel();
    const { stdout, stderr } = this.#followed;
    await settledWithin(Promise.all([stdout.settle(), stderr.settle()]), letGoMs, this.#runtime);
    stdout.stop();
    stderr.stop();
    await this.#freed.settled();
    this.#record.close();
    this.#quota.close();
  }

  #look(): void {
    const { stdout, stderr } = this.#followed;
    const [hasOut, hasErr] = [stdout.poll(), stderr.poll()];
    const nowMs = performance.now();
    if (hasOut || hasErr) {
      this.#lastMs = nowMs;
      this.#delayMs = soonestMs;
      this.#freed.free(this.#record.places);
    } else {
      const mostMs = nowMs - this.#lastMs > quietAfterMs ? quietMs : latestMs;
      this.#delayMs = Math.min(this.#delayMs * growth, mostMs);
    }
    if (!stdout.isOver || !stderr.isOver) this.#next();
  }

  #next(): void {
    // Output alone keeps no host alive, as a pipe that was let go of does not.
    this.#timer = this.#runtime.setTimer(() => this.#look(), this.#delayMs);
  }
}
