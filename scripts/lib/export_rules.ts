/** What both manifests say of a package, as far as they must agree. */
export interface Manifest {
  readonly name?: unknown;
  readonly version?: unknown;
  readonly license?: unknown;
  readonly exports?: Readonly<Record<string, unknown>>;
}

/** deno.json. */
export interface DenoManifest extends Manifest {
  readonly imports?: Readonly<Record<string, string>>;
}

/** package.json. */
export interface NpmManifest extends Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly bin?: Readonly<Record<string, string>>;
}

/**
 * Compares deno.json with package.json.
 *
 * @returns The problems, and the files that the build must have made.
 */
export function compareManifests(deno: DenoManifest, npm: NpmManifest): { problems: string[]; targets: string[] } {
  const problems: string[] = [];
  for (const key of ["name", "version", "license"] as const) {
    if (deno[key] !== npm[key]) problems.push(`${key}: ${deno[key]} in deno.json, ${npm[key]} in package.json`);
  }
  const targets = Object.values(npm.bin ?? {});
  const denoExports = deno.exports ?? {};
  const { "./package.json": _, ...npmExports } = npm.exports ?? {};
  for (const subpath of new Set([...Object.keys(denoExports), ...Object.keys(npmExports)])) {
    const source = denoExports[subpath];
    if (typeof source !== "string") {
      problems.push(`exports["${subpath}"]: not a path in deno.json`);
      continue;
    }
    const stem = source.replace(/^\.\//, "./dist/").replace(/\.ts$/, "");
    const wanted = { types: `${stem}.d.ts`, default: `${stem}.js` };
    targets.push(wanted.types, wanted.default);
    // Compared as text, because the order counts: a resolver takes the first condition that holds.
    const found = JSON.stringify(npmExports[subpath]) ?? "nothing";
    if (found !== JSON.stringify(wanted)) {
      problems.push(`exports["${subpath}"]: package.json must say ${JSON.stringify(wanted)}, it says ${found}`);
    }
  }
  const dependencies = { ...npm.peerDependencies, ...npm.dependencies };
  return { problems: [...problems, ...compareDependencies(deno.imports ?? {}, dependencies)], targets };
}

function compareDependencies(
  imports: Readonly<Record<string, string>>,
  dependencies: Readonly<Record<string, string>>,
): string[] {
  const problems: string[] = [];
  const named = new Set<string>();
  for (const [alias, target] of Object.entries(imports)) {
    const match = /^npm:((?:@[^/]+\/)?[^@/]+)@([^/]+)(\/.*)?$/.exec(target);
    if (match === null) continue;
    const [, name = "", range, subpath = ""] = match;
    named.add(name);
    if (alias !== name + subpath) problems.push(`imports["${alias}"]: stands for ${name + subpath} in deno.json`);
    if (dependencies[name] === range) continue;
    problems.push(`${name}: ${range} in deno.json, ${dependencies[name] ?? "nothing"} in package.json`);
  }
  for (const name of Object.keys(dependencies)) {
    if (!named.has(name)) problems.push(`${name}: a dependency in package.json, no import in deno.json`);
  }
  return problems;
}
