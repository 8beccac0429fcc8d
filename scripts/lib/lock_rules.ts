/** An entry of package-lock.json. */
export interface LockEntry {
  readonly version?: string;
  readonly resolved?: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/**
 * Checks package-lock.json: no addresses of a registry, and every package for another platform named, since
 * `npm ci` refuses a lock file that leaves one out.
 */
export function checkLock(packages: Readonly<Record<string, LockEntry>>): string[] {
  const problems: string[] = [];
  for (const [path, { resolved, optionalDependencies = {} }] of Object.entries(packages)) {
    if (resolved !== undefined)
      problems.push(`${path}: names the registry it came from; omit-lockfile-registry-resolved leaves that out`);
    for (const [name, version] of Object.entries(optionalDependencies)) {
      const entry = packages[`${path}/node_modules/${name}`] ?? packages[`node_modules/${name}`];
      if (entry === undefined)
        problems.push(`${path}: its optional ${name}@${version} has no entry, so npm ci will fail`);
    }
  }
  return problems;
}
