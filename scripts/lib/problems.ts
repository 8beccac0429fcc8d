/**
 * Ends a check: prints its problems and makes the process fail when there are any.
 *
 * @param subject What was checked, for the line of success.
 */
export function reportProblems(subject: string, problems: readonly string[]): void {
  for (const problem of problems) process.stderr.write(`${problem}\n`);
  if (problems.length > 0) {
    process.stderr.write(`${subject}: ${problems.length} problems\n`);
    process.exitCode = 1;
    return;
  }
  process.stdout.write(`${subject}: in order\n`);
}
