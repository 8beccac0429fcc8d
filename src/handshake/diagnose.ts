import { machineName, readElf, readMachO, readPe } from "./_binary_heads.ts";

/** What a file is, as far as its first bytes tell. */
export interface ExecutableDescription {
  readonly kind: "elf" | "mach_o" | "pe" | "script" | "empty" | "json" | "text" | "unknown";
  /** The same in words, for an error message: `an ELF program for linux/arm64`. */
  readonly words: string;
  /** True when one of the three permission bits to execute is set. */
  readonly executable: boolean;
  /** Systems and architectures a program is for, as Node names them: `linux/x64`. Empty for all else. */
  readonly platforms: readonly string[];
  /** Of a script: its first line after `#!`. */
  readonly interpreter?: string;
}

/** How many bytes of a file {@linkcode describeExecutable} wants to see; fewer do for most. */
export const executableHeadBytes = 4_096;

const otherKinds: readonly (readonly [head: readonly number[], words: string])[] = [
  [[0x00, 0x61, 0x73, 0x6d], "a WebAssembly module, which needs a runtime to load it"],
  [[0x1f, 0x8b], "a gzip archive, which has to be unpacked first"],
  [[0x50, 0x4b, 0x03, 0x04], "a zip archive, which has to be unpacked first"],
  [[0x21, 0x3c, 0x61, 0x72, 0x63, 0x68, 0x3e, 0x0a], "a library archive, not a program"],
];

/**
 * Says what a file is, for the message of a start that failed.
 *
 * @param head The file's first bytes, up to {@linkcode executableHeadBytes}.
 * @param mode Its permission bits.
 */
export function describeExecutable(head: Uint8Array, mode: number): ExecutableDescription {
  const executable = (mode & 0o111) !== 0;
  const none = { executable, platforms: [] };
  if (head.length === 0) return { kind: "empty", words: "an empty file", ...none };
  for (const [kind, name, read] of programs) {
    const platforms = read(head);
    if (platforms === undefined) continue;
    const words = platforms.length === 0 ? `${name} that is cut short` : `${name} for ${platforms.join(" and ")}`;
    return { kind, words, executable, platforms };
  }
  const script = readScript(head);
  if (script !== undefined) return { kind: "script", ...script, ...none };
  const other = otherKinds.find(([magic]) => magic.every((byte, index) => head[index] === byte));
  if (other !== undefined) return { kind: "unknown", words: other[1], ...none };
  if (!isTextFile(head)) return { kind: "unknown", words: "a file of unknown kind", ...none };
  const start = new TextDecoder().decode(head.subarray(0, 64)).trimStart()[0];
  if (start === "{" || start === "[") return { kind: "json", words: "a JSON file, not a program", ...none };
  return { kind: "text", words: 'a text file without a "#!" line', ...none };
}

/**
 * Tells that a program was built for another machine. Some systems run such programs all the same, so ask only after
 * a start has failed.
 *
 * @param head The file's first bytes.
 * @param os `linux`, `darwin` or `windows`.
 * @param arch Architecture as Node names it.
 * @returns `built for linux/arm64, this machine is linux/x64`; `undefined` when it fits or the file is no program.
 */
export function architectureMismatch(head: Uint8Array, os: string, arch: string): string | undefined {
  const { platforms } = describeExecutable(head, 0);
  const here = `${os}/${machineName(arch)}`;
  if (platforms.length === 0 || platforms.includes(here)) return undefined;
  return `built for ${platforms.join(" and ")}, this machine is ${here}`;
}

const programs: readonly (readonly [
  kind: "elf" | "mach_o" | "pe",
  name: string,
  read: (head: Uint8Array) => readonly string[] | undefined,
])[] = [
  ["elf", "an ELF program", readElf],
  ["mach_o", "a Mach-O program", readMachO],
  ["pe", "a Windows program", readPe],
];

function readScript(head: Uint8Array): { words: string; interpreter: string } | undefined {
  if (head[0] !== 0x23 || head[1] !== 0x21) return undefined;
  const end = head.indexOf(10);
  const line = new TextDecoder().decode(head.subarray(2, Math.min(end < 0 ? head.length : end, 256)));
  const interpreter = line.replaceAll(/\p{Cc}/gu, " ").trim();
  if (interpreter === "") return { interpreter, words: 'a script whose "#!" line names no interpreter' };
  // The system looks for an interpreter whose name ends in a carriage return, and reports the script itself as missing.
  const trap = line.endsWith("\r")
    ? ", whose first line ends in CR LF, which the system takes for part of that name"
    : "";
  return { interpreter, words: `a script for ${interpreter}${trap}` };
}

function isTextFile(head: Uint8Array): boolean {
  return head.every((byte) => byte >= 32 || byte === 9 || byte === 10 || byte === 12 || byte === 13 || byte === 27);
}
