import type { Word } from "./_command_line.ts";
import { fromJsonValue } from "./_json_values.ts";
import { UsageError } from "./_usage_error.ts";

/**
 * The value of an argument on the command line: JSON where it is JSON, else the text itself.
 *
 * @throws UsageError for a whole number that a JavaScript number cannot hold: it would arrive as another one.
 */
export function argumentValue({ text, isText }: Word): unknown {
  if (isText) return text;
  let value: unknown;
  try {
    value = JSON.parse(text, checkExact as (key: string, value: unknown) => unknown);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    return text;
  }
  return fromJsonValue(value);
}

function checkExact(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  const source = context?.source;
  if (typeof value !== "number" || source === undefined || Number.isSafeInteger(value)) return value;
  if (!/^-?\d+$/.test(source)) return value;
  throw new UsageError(
    `${source} is more than a number can hold exactly; write '{"$bigint": "${source}"}', or --string ${source}`,
  );
}
