import { ErrorCode, isErrorCode } from "./codes.ts";

/**
 * Whether the work behind a failed call was done: `"none"` is safe to repeat, `"unknown"` may have
 * run in part or whole, `"done"` ran to its end.
 */
export type Execution = "none" | "unknown" | "done";

/** Which side an error arose on: `"local"` is this process, `"remote"` the other side. */
export type ErrorOrigin = "local" | "remote";

/** A resource of a plugin's process that `launch` can limit. */
export type LimitedResource = "memoryBytes" | "openFiles" | "cpuSeconds";

/** Facts beside the message of a {@linkcode PluginError}. All are optional: each code has those that belong to it. */
export interface PluginErrorFacts {
  /** Whether the call ran. */
  readonly execution?: Execution;
  /** Name of the plugin. */
  readonly plugin?: string;
  /** Contract concerned. */
  readonly contract?: string;
  /** Method concerned. */
  readonly method?: string;
  /** Path to the value concerned, such as `args[0].filter`. */
  readonly path?: string;
  /** What validation found. */
  readonly issues?: readonly { readonly message: string; readonly path?: string }[];
  /** Exit code of the plugin's process; `null` when a signal ended it. */
  readonly exitCode?: number | null;
  /** Signal that ended the plugin's process. */
  readonly signal?: string | null;
  /** The limit of `resources` that the plugin's process ran into. */
  readonly exceeded?: LimitedResource;
  /** The last lines the plugin wrote to its stderr. Not enumerable, as the message ends with them. */
  readonly stderr?: string;
  /** Protocol versions that the host speaks. */
  readonly hostVersions?: readonly number[];
  /** Protocol versions that the plugin speaks. */
  readonly pluginVersions?: readonly number[];
  /** System error code behind it, such as `ENOENT`. */
  readonly errno?: string;
  /** The code as received, when this version does not know it. */
  readonly rawCode?: string;
}

/** Options of {@linkcode PluginError}. */
export interface PluginErrorOptions extends PluginErrorFacts {
  /** What led to it. */
  readonly cause?: unknown;
}

const brand: unique symbol = Symbol.for("plugwire.PluginError") as never;

/**
 * Plugwire failed, and {@linkcode PluginError.code} says how. Whatever else a call rejects with is what the
 * other side threw. `instanceof` works across two copies of the package.
 *
 * @example
 * ```ts
 * import { PluginError } from "@plugwire/plugwire";
 * try {
 *   throw new PluginError("timeout", "greeter.greet did not answer within 50 ms", { execution: "unknown" });
 * } catch (error) {
 *   if (error instanceof PluginError && error.code === "timeout") console.log(error.execution); // "unknown"
 * }
 * ```
 */
export class PluginError extends Error implements PluginErrorFacts {
  /** `"PluginError"`. */
  override readonly name: string = "PluginError";
  /** How Plugwire failed. */
  readonly code: ErrorCode;
  declare readonly execution?: Execution;
  declare readonly plugin?: string;
  declare readonly contract?: string;
  declare readonly method?: string;
  declare readonly path?: string;
  declare readonly issues?: readonly { readonly message: string; readonly path?: string }[];
  declare readonly exitCode?: number | null;
  declare readonly signal?: string | null;
  declare readonly exceeded?: LimitedResource;
  declare readonly stderr?: string;
  declare readonly hostVersions?: readonly number[];
  declare readonly pluginVersions?: readonly number[];
  declare readonly errno?: string;
  declare readonly rawCode?: string;

  /**
   * Makes an error of this code.
   *
   * @param code How it failed.
   * @param message What was tried, the rule, the value met, and the way out.
   * @param options Facts, and the cause.
   */
  constructor(code: ErrorCode, message: string, options: PluginErrorOptions = {}) {
    const { cause, ...facts } = options;
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    for (const [key, value] of Object.entries(facts)) {
      // The message has its end, so that whoever prints the error sees it once.
      const enumerable = key !== "stderr";
      if (value !== undefined) Object.defineProperty(this, key, { value, enumerable, configurable: true });
    }
    Object.defineProperty(this, brand, { value: true });
  }

  /** True for a `PluginError` of any copy of this package. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === "object" && value !== null && (value as Record<symbol, unknown>)[brand] === true;
  }

  /**
   * Makes a `PluginError` of anything thrown: one that already is passes through, anything else becomes
   * the cause of an `internal` error.
   */
  static from(thrown: unknown, code: ErrorCode = ErrorCode.internal): PluginError {
    if (thrown instanceof PluginError) return thrown;
    return new PluginError(code, messageOf(thrown), { cause: thrown });
  }

  /** The same error with more facts; those it already has stay. */
  with(facts: PluginErrorFacts): PluginError {
    const merged: Record<string, unknown> = { ...facts };
    for (const key of [...Object.keys(this), "stderr"]) {
      if (key === "name" || key === "code") continue;
      const value = (this as Record<string, unknown>)[key];
      if (value !== undefined) merged[key] = value;
    }
    const copy = new PluginError(this.code, this.message, { ...merged, cause: this.cause });
    if (this.stack !== undefined) copy.stack = this.stack;
    return copy;
  }
}

function messageOf(thrown: unknown): string {
  try {
    return thrown instanceof Error ? String(thrown.message) : String(thrown);
  } catch {
    // An object without a prototype, or one whose toString throws.
    return `an ${typeof thrown} was thrown that cannot be described`;
  }
}

/** Reads a code that came over the wire: a known one as it is, any other as `unknown` with the raw value beside it. */
export function codeFromWire(raw: unknown): { code: ErrorCode; rawCode?: string } {
  if (isErrorCode(raw)) return { code: raw };
  return { code: ErrorCode.unknown, rawCode: String(raw) };
}
