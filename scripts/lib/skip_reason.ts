import { existsSync, readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import ts from "typescript";

/**
 * Finds in the source of a test why it, or a group around it, is skipped. Deno and Bun do not report the reason.
 *
 * @param path The test file.
 * @param name Full name of the test: its groups and its own, with ` > ` between them.
 * @returns The words of its `skip` or `todo` option, or of its `t.skip(…)`; empty when there are none.
 */
export function findSkipReason(path: string, name: string): string {
  const file = parse(path);
  for (const part of name.split(" > ").reverse()) {
    const reason = search(file, (call) => matchesName(call.arguments[0], part));
    if (reason !== "") return reason;
  }
  // The rows of a table: their names stand elsewhere.
  return search(file, ({ arguments: [first] }) => first !== undefined && !ts.isStringLiteralLike(first));
}

/** Finds why a group is skipped, in a file of which the runtime reported nothing at all. */
export function findGroupSkipReason(path: string): string {
  return search(parse(path), () => true);
}

function parse(path: string): ts.SourceFile {
  return ts.createSourceFile(path, readFileSync(path, "utf8"), ts.ScriptTarget.Latest, true);
}

function search(file: ts.SourceFile, accept: (call: ts.CallExpression) => boolean): string {
  let reason = "";
  const visit = (node: ts.Node): void => {
    if (reason !== "") return;
    if (ts.isCallExpression(node) && accept(node)) reason = reasonOf(file, node) || lateReasonOf(node);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return reason;
}

function matchesName(argument: ts.Expression | undefined, name: string): boolean {
  if (argument === undefined) return false;
  if (ts.isStringLiteralLike(argument)) return argument.text === name;
  if (!ts.isTemplateExpression(argument)) return false;
  const middle = argument.templateSpans.map(({ literal }) => literal.text);
  const pattern = [argument.head.text, ...middle].map((text) => RegExp.escape(text)).join(".*");
  return new RegExp(`^${pattern}$`, "s").test(name);
}

function reasonOf(file: ts.SourceFile, call: ts.CallExpression): string {
  for (const argument of call.arguments) {
    const options = ts.isIdentifier(argument) ? initializerOf(file, argument.text) : argument;
    if (options === undefined || !ts.isObjectLiteralExpression(options)) continue;
    for (const property of options.properties) {
      const key = property.name?.getText(file);
      if (key !== "skip" && key !== "todo") continue;
      if (ts.isShorthandPropertyAssignment(property)) return words(initializerOf(file, key));
      if (ts.isPropertyAssignment(property)) return words(property.initializer);
    }
  }
  return "";
}

/** The words of a `t.skip("…")` inside a test. */
function lateReasonOf(test: ts.CallExpression): string {
  let reason = "";
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && /\.(skip|todo)$/.test(node.expression.getText())) {
      const [argument] = node.arguments;
      if (argument !== undefined && ts.isStringLiteralLike(argument)) reason ||= argument.text;
    }
    ts.forEachChild(node, visit);
  };
  for (const argument of test.arguments) visit(argument);
  return reason;
}

function initializerOf(file: ts.SourceFile, name: string): ts.Expression | undefined {
  let found: ts.Expression | undefined;
  const visit = (node: ts.Node): void => {
    if (ts.isVariableDeclaration(node) && node.name.getText(file) === name) found ??= node.initializer;
    if (ts.isImportDeclaration(node)) found ??= importedInitializer(file, node, name);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

function importedInitializer(file: ts.SourceFile, node: ts.ImportDeclaration, name: string): ts.Expression | undefined {
  const bindings = node.importClause?.namedBindings;
  if (bindings === undefined || !ts.isNamedImports(bindings)) return undefined;
  const binding = bindings.elements.find((element) => element.name.text === name);
  if (binding === undefined || !ts.isStringLiteral(node.moduleSpecifier)) return undefined;
  const path = resolve(dirname(file.fileName), node.moduleSpecifier.text);
  if (!node.moduleSpecifier.text.startsWith(".") || !existsSync(path)) return undefined;
  return initializerOf(parse(path), (binding.propertyName ?? binding.name).text);
}

/** The strings an expression may give: of a conditional its branches, and not what it compares with. */
function words(expression: ts.Expression | undefined): string {
  if (expression === undefined) return "";
  if (ts.isIdentifier(expression)) return words(initializerOf(expression.getSourceFile(), expression.text));
  if (ts.isStringLiteralLike(expression)) return expression.text;
  if (ts.isTemplateExpression(expression)) return expression.getText().slice(1, -1);
  if (ts.isParenthesizedExpression(expression)) return words(expression.expression);
  if (ts.isBinaryExpression(expression)) return either(expression.left, expression.right);
  if (ts.isConditionalExpression(expression)) return either(expression.whenTrue, expression.whenFalse);
  return "";
}

function either(...expressions: readonly ts.Expression[]): string {
  return expressions
    .map(words)
    .filter((text) => text !== "")
    .join(" or ");
}
