import { builtinModules } from "node:module";
import { dirname, join, normalize } from "node:path/posix";
import ts from "typescript";

/** The rooms of `src/`, ground floor first: each may import only those before it. */
export const rooms: readonly string[] = [
  "errors",
  "log",
  "transport",
  "runtime",
  "wire",
  "mux",
  "values",
  "contract",
  "references",
  "thrown",
  "streams",
  "hello",
  "rpc",
  "handshake",
  "trace",
  "trust",
  "runner",
  "output",
  "plugin",
  "host",
  "otel",
  "manager",
  "cli",
];

/** Globals that only one runtime, or only Node and those who imitate it, have. */
const runtimeGlobals: ReadonlySet<string> = new Set(["Deno", "Bun", "process", "Buffer", "__dirname", "__filename"]);

/** The only room that may name a runtime. */
const runtimeRoom = "runtime";

/** An import as it stands in a file. */
interface Import {
  /** The module it names; `undefined` when that is computed at run time. */
  readonly specifier: string | undefined;
  readonly line: number;
  /** True for what is gone at run time. `import { type A }` is not: the module is still loaded. */
  readonly isType: boolean;
}

/**
 * Checks who imports whom.
 *
 * @param sources Text of each file by its path from the root, with `/`: `mod.ts` and all of `src/`.
 * @param packages Names of the packages that may be imported.
 * @returns One line per breach; empty when all is well.
 */
export function checkImports(sources: ReadonlyMap<string, string>, packages: readonly string[]): string[] {
  const problems: string[] = [];
  const graph = new Map<string, string[]>();
  for (const [path, text] of sources) {
    const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
    const imports = findImports(file);
    const report = (line: number, message: string): void => {
      problems.push(`${path}:${line}: ${message}`);
    };
    for (const found of imports) {
      const message = judge(path, found, sources, packages);
      if (message !== undefined) report(found.line, message);
    }
    for (const { name, line } of roomOf(path) === runtimeRoom ? [] : findRuntimeGlobals(file)) {
      report(line, `names ${name}: only src/${runtimeRoom}/ may know the runtime`);
    }
    if (!path.startsWith("src/")) checkReexports(file, report);
    if (path.startsWith("src/") && !isRoom(roomOf(path))) report(1, "lies in no room of the table");
    // Types of files of one room may well name each other; what is loaded may not.
    const loaded = imports.flatMap(({ specifier, isType }) =>
      specifier?.startsWith(".") && !isType ? [resolve(path, specifier)] : [],
    );
    graph.set(path, loaded);
  }
  return [...problems, ...findCycles(graph)];
}

function judge(
  path: string,
  { specifier }: Import,
  sources: ReadonlyMap<string, string>,
  packages: readonly string[],
): string | undefined {
  if (specifier === undefined) return "imports a module whose name is computed: write the name out";
  if (isBuiltin(specifier)) {
    if (roomOf(path) === runtimeRoom) return undefined;
    return `imports ${specifier}: only src/${runtimeRoom}/ may know the runtime`;
  }
  if (!specifier.startsWith(".")) {
    const allowed = packages.some((name) => specifier === name || specifier.startsWith(`${name}/`));
    return allowed ? undefined : `imports ${specifier}, which is no dependency in package.json`;
  }
  const target = resolve(path, specifier);
  if (!sources.has(target)) return `imports ${specifier}, which is no file of src/`;
  if (!path.startsWith("src/")) return undefined;
  if (!target.startsWith("src/")) return `imports ${specifier}, which lies outside of src/`;
  const [from, to] = [roomOf(path), roomOf(target)];
  if (rankOf(to) <= rankOf(from)) return undefined;
  return `imports ${specifier}: ${from}/ stands above ${to}/ in the table and must not know it`;
}

function resolve(path: string, specifier: string): string {
  return normalize(join(dirname(path), specifier));
}

function isBuiltin(specifier: string): boolean {
  return /^(node|bun|deno):/.test(specifier) || specifier === "bun" || builtinModules.includes(specifier);
}

function roomOf(path: string): string {
  const [top, room, ...rest] = path.split("/");
  return top === "src" && rest.length > 0 ? (room ?? "") : "";
}

function isRoom(name: string): boolean {
  return rankOf(name) >= 0;
}

function rankOf(name: string): number {
  return rooms.indexOf(name);
}

function lineOf(node: ts.Node): number {
  const file = node.getSourceFile();
  return file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1;
}

function findImports(file: ts.SourceFile): Import[] {
  const found: Import[] = [];
  const add = (node: ts.Node, name: ts.Node | undefined, isType: boolean): void => {
    const specifier = name !== undefined && ts.isStringLiteralLike(name) ? name.text : undefined;
    found.push({ specifier, line: lineOf(node), isType });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) add(node, node.moduleSpecifier, isTypeOnly(node.importClause));
    if (ts.isExportDeclaration(node) && node.moduleSpecifier !== undefined)
      add(node, node.moduleSpecifier, node.isTypeOnly);
    if (ts.isImportTypeNode(node))
      add(node, ts.isLiteralTypeNode(node.argument) ? node.argument.literal : undefined, true);
    if (ts.isCallExpression(node) && isImporting(node.expression)) add(node, node.arguments[0], false);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

function isTypeOnly(clause: ts.ImportClause | undefined): boolean {
  return clause?.phaseModifier === ts.SyntaxKind.TypeKeyword;
}

function isImporting(callee: ts.Expression): boolean {
  return callee.kind === ts.SyntaxKind.ImportKeyword || (ts.isIdentifier(callee) && callee.text === "require");
}

function findRuntimeGlobals(file: ts.SourceFile): { readonly name: string; readonly line: number }[] {
  const found: { readonly name: string; readonly line: number }[] = [];
  const declared = new Set<string>();
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node) && runtimeGlobals.has(node.text)) {
      if (isDeclaration(node) && !isAmbient(node)) declared.add(node.text);
      else if (isUse(node)) found.push({ name: node.text, line: lineOf(node) });
    }
    // globalThis["Deno"]
    if (ts.isElementAccessExpression(node) && isGlobalThis(node.expression)) {
      const key = node.argumentExpression;
      if (ts.isStringLiteralLike(key) && runtimeGlobals.has(key.text))
        found.push({ name: key.text, line: lineOf(node) });
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found.filter(({ name }) => !declared.has(name));
}

function isDeclaration(node: ts.Identifier): boolean {
  const { parent } = node;
  return (
    (ts.isVariableDeclaration(parent) ||
      ts.isParameter(parent) ||
      ts.isBindingElement(parent) ||
      ts.isFunctionDeclaration(parent) ||
      ts.isImportSpecifier(parent) ||
      ts.isTypeAliasDeclaration(parent) ||
      ts.isInterfaceDeclaration(parent)) &&
    parent.name === node
  );
}

/** `declare const Deno: …` gives the global a type, and no value of its own. */
function isAmbient(node: ts.Node): boolean {
  const statement = ts.findAncestor(node, ts.isStatement);
  return statement !== undefined && ts.canHaveModifiers(statement)
    ? (ts.getModifiers(statement) ?? []).some(({ kind }) => kind === ts.SyntaxKind.DeclareKeyword)
    : false;
}

function isUse(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent) && parent.name === node) return isGlobalThis(parent.expression);
  if (ts.isQualifiedName(parent) && parent.right === node) return false;
  const names =
    (ts.isPropertyAssignment(parent) || ts.isClassElement(parent) || ts.isTypeElement(parent)) && parent.name;
  return names !== node;
}

function isGlobalThis(node: ts.Node): boolean {
  if (ts.isParenthesizedExpression(node) || ts.isAsExpression(node)) return isGlobalThis(node.expression);
  return ts.isIdentifier(node) && node.text === "globalThis";
}

function checkReexports(file: ts.SourceFile, report: (line: number, message: string) => void): void {
  for (const statement of file.statements) {
    if (ts.isExportDeclaration(statement) && statement.moduleSpecifier !== undefined) continue;
    report(lineOf(statement), "a module at the root only re-exports");
  }
}

function findCycles(graph: ReadonlyMap<string, readonly string[]>): string[] {
  const done = new Set<string>();
  const cycles: string[] = [];
  const walk = (path: string, trail: readonly string[]): void => {
    const start = trail.indexOf(path);
    if (start >= 0) {
      cycles.push(`import cycle: ${[...trail.slice(start), path].join(" -> ")}`);
      return;
    }
    if (done.has(path)) return;
    for (const target of graph.get(path) ?? []) walk(target, [...trail, path]);
    done.add(path);
  };
  for (const path of graph.keys()) walk(path, []);
  return cycles;
}
