import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { type DocBlock, docFileName } from "./doc_blocks.ts";
import { readJson, root } from "./repository.ts";

/** A block of a document, as a file where there is one. */
export interface ProjectBlock extends DocBlock {
  /** Name of the document and the line, for messages. */
  readonly place: string;
  /** Name of its file in the project; `undefined` for what is not TypeScript. */
  readonly file: string | undefined;
}

/**
 * The code of one document as the project that a reader of it would make: a directory anywhere, with the package
 * installed. Blocks that name a file become that file, others a file of their own.
 */
export class DocProject {
  readonly directory: string;
  readonly blocks: readonly ProjectBlock[];

  /** @param document Path of the document from the root. @throws Error when two blocks name one file. */
  constructor(document: string, blocks: readonly DocBlock[]) {
    // Plugins are called by their folder where their file's name says nothing.
    this.directory = join(mkdtempSync(join(tmpdir(), "plugwire-docs-")), "greeter");
    this.blocks = blocks.map((block) => {
      const file = block.language === "ts" ? (docFileName(block) ?? `line_${block.line}.ts`) : undefined;
      return { ...block, place: `${document}:${block.line}`, file };
    });
    this.#install();
    const seen = new Set<string>();
    for (const { file, text, place } of this.blocks) {
      if (file === undefined) continue;
      if (seen.has(file)) throw new Error(`${place}: a second block is called ${file}`);
      seen.add(file);
      this.#write(file, text);
    }
  }

  /** Removes it. */
  remove(): void {
    rmSync(dirname(this.directory), { recursive: true, force: true });
  }

  #install(): void {
    const { dependencies = {}, devDependencies = {} } = readJson("package.json") as Record<string, object>;
    const packages = Object.keys({ ...dependencies, ...devDependencies }).filter((name) => !name.startsWith("@"));
    const modules = join(this.directory, "node_modules");
    mkdirSync(join(modules, "@plugwire"), { recursive: true });
    mkdirSync(join(modules, ".bin"));
    symlinkSync(root, join(modules, "@plugwire", "plugwire"));
    for (const name of [...packages, "@types", "@opentelemetry"])
      symlinkSync(join(root, "node_modules", name), join(modules, name));
    const bin = (readJson("package.json").bin ?? {}) as Record<string, string>;
    for (const [name, path] of Object.entries(bin)) symlinkSync(join(root, path), join(modules, ".bin", name));
    this.#writeJson("package.json", { type: "module", dependencies, devDependencies });
    // npm users get dist/, users of Deno the sources.
    const imports = readJson("deno.json").imports as Record<string, string>;
    const ours = Object.keys(imports).filter((name) => imports[name]?.startsWith("./"));
    const mapped = ours.map((name) => [name, pathToFileURL(join(root, imports[name] ?? "")).href]);
    this.#writeJson("deno.json", {
      nodeModulesDir: "manual",
      lock: false,
      imports: { ...imports, ...Object.fromEntries(mapped) },
    });
    this.#writeJson("tsconfig.json", {
      extends: join(root, "tsconfig.json"),
      compilerOptions: { noUnusedLocals: false },
      include: ["**/*.ts"],
      exclude: ["node_modules"],
    });
  }

  #writeJson(name: string, value: unknown): void {
    this.#write(name, JSON.stringify(value, undefined, 2));
  }

  #write(name: string, text: string): void {
    const path = join(this.directory, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
}

/** Documents whose code is checked: those at the root and all of docs/, from the root. */
export function findDocuments(): string[] {
  const markdown = (name: string): boolean => name.endsWith(".md");
  const docs = readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" });
  return [...readdirSync(root).filter(markdown), ...docs.filter(markdown).map((name) => `docs/${name}`)].sort();
}
