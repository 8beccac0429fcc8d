/** What became of one test. */
export interface CaseResult {
  /** Names of its groups and its own, with ` > ` between them. */
  readonly name: string;
  readonly outcome: "passed" | "failed" | "skipped";
  /** The error of a failed test; the reason of a skipped one, empty when the runtime does not say. */
  readonly detail: string;
}

interface NodeRecord extends CaseResult {
  readonly id?: number;
  readonly parentId?: number;
  readonly group?: boolean;
}

/** What a runtime says of one file. */
export interface FileReport {
  readonly cases: readonly CaseResult[];
  /** False when the process ended before its tests did. */
  readonly complete: boolean;
}

/**
 * Reads what `node_reporter.mjs` wrote. A group or a test with subtests is not counted beside them, unless it
 * failed or was skipped on its own: Deno tells the two apart no better, and so the three runtimes count alike.
 */
export function readNodeReport(text: string): FileReport {
  const lines = text.split("\n").filter((line) => line !== "");
  const all = lines.map((line) => JSON.parse(line) as NodeRecord | { readonly complete: true });
  const records = all.filter((record): record is NodeRecord => !("complete" in record));
  const parents = new Set(records.map(({ parentId }) => parentId));
  const failedParents = new Set(records.filter(({ outcome }) => outcome === "failed").map(({ parentId }) => parentId));
  const cases = records
    .filter(
      ({ id, outcome }) => id === undefined || !parents.has(id) || (outcome === "failed" && !failedParents.has(id)),
    )
    .filter(({ group, outcome }) => !group || outcome !== "passed")
    .map(({ name, outcome, detail }) => ({ name, outcome, detail }));
  return { cases, complete: records.length < all.length };
}

/** Reads Deno's JUnit report: groups and tests with steps stand in it as cases of their own, before their steps. */
export function readDenoReport(xml: string): FileReport {
  const cases = readJunitCases(xml);
  const isInside = (inner: CaseResult, outer: CaseResult): boolean => inner.name.startsWith(`${outer.name} > `);
  const leaves = cases.filter((outer) => {
    const inside = cases.filter((inner) => isInside(inner, outer));
    if (inside.length === 0) return true;
    return outer.outcome === "failed" && inside.every(({ outcome }) => outcome !== "failed");
  });
  return { cases: leaves, complete: xml !== "" };
}

/** Reads Bun's JUnit report: subtests are not in it, nor are skipped groups. */
export function readBunReport(xml: string): FileReport {
  return { cases: readJunitCases(xml), complete: xml !== "" };
}

const junitPattern = /<testcase ([^>]*?)(\/>|>([\s\S]*?)<\/testcase>)|<testsuite ([^>]*?)(\/?)>|<\/testsuite>/g;

function readJunitCases(xml: string): CaseResult[] {
  const cases: CaseResult[] = [];
  const suites: string[] = [];
  for (const match of xml.matchAll(junitPattern)) {
    const [whole, attributes, , body = "", suite, selfClosed] = match;
    if (suite !== undefined && selfClosed === "") suites.push(attribute(suite, "name"));
    if (whole === "</testsuite>") suites.pop();
    if (attributes === undefined) continue;
    // The outermost suite is the file.
    const name = [...suites.slice(1), attribute(attributes, "name")].join(" > ");
    cases.push({ name, ...readBody(body) });
  }
  return cases;
}

function readBody(body: string): Pick<CaseResult, "outcome" | "detail"> {
  const skipped = /<skipped([^>]*)>/.exec(body);
  if (skipped !== null) return { outcome: "skipped", detail: attribute(skipped[1] ?? "", "message") };
  const failure = /<(?:failure|error)([^>]*?)(?:\/>|>([\s\S]*?)<\/(?:failure|error)>)/.exec(body);
  if (failure === null) return { outcome: "passed", detail: "" };
  const text = decodeEntities(failure[2] ?? "").trim();
  return { outcome: "failed", detail: text === "" ? attribute(failure[1] ?? "", "message") : text };
}

function attribute(attributes: string, name: string): string {
  return decodeEntities(new RegExp(`(?:^|\\s)${name}="([^"]*)"`).exec(attributes)?.[1] ?? "");
}

const entities: Readonly<Record<string, string>> = { lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" };

function decodeEntities(text: string): string {
  return text.replaceAll(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (whole, hex, decimal, name) => {
    if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16));
    if (decimal !== undefined) return String.fromCodePoint(Number(decimal));
    return entities[name] ?? whole;
  });
}
