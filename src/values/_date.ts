/** What a Date holds, in seconds either side of 1970. ECMA-262 §21.4.1.1. */
const maxSeconds = 8.64e12;

/**
 * The Date of seconds since 1970; NaN gives an invalid one.
 *
 * @returns `undefined` for seconds beyond what a Date holds.
 */
export function dateOfSeconds(seconds: number): Date | undefined {
  if (Math.abs(seconds) > maxSeconds) return undefined;
  // The fraction apart: far from 1970 the product of the whole would round to another millisecond.
  const whole = Math.trunc(seconds);
  return new Date(whole * 1000 + Math.round((seconds - whole) * 1000));
}
