/** Systems by the ABI byte of an ELF file; 0 (System V) is what Linux uses too. */
const elfSystems: Readonly<Record<number, string>> = {
  0: "linux",
  2: "netbsd",
  3: "linux",
  6: "solaris",
  9: "freebsd",
  12: "openbsd",
};

const elfMachines: Readonly<Record<number, string>> = {
  3: "ia32",
  8: "mips",
  20: "ppc",
  21: "ppc64",
  22: "s390x",
  40: "arm",
  62: "x64",
  183: "arm64",
  243: "riscv64",
  258: "loong64",
};

const machMachines: Readonly<Record<number, string>> = {
  7: "ia32",
  16777223: "x64",
  12: "arm",
  16777228: "arm64",
  18: "ppc",
};

const peMachines: Readonly<Record<number, string>> = {
  332: "ia32",
  34404: "x64",
  448: "arm",
  452: "arm",
  43620: "arm64",
};

/** Deno and uname say otherwise what Node calls `x64` and `arm64`. */
export function machineName(arch: string): string {
  return { x86_64: "x64", aarch64: "arm64", amd64: "x64" }[arch] ?? arch;
}

/** Platforms of an ELF file; none when it is cut short; `undefined` when it is none. */
export function readElf(head: Uint8Array): string[] | undefined {
  if (!startsWith(head, [0x7f, 0x45, 0x4c, 0x46])) return undefined;
  if (head.length < 20) return [];
  const machine = view(head).getUint16(18, head[5] === 1);
  return [`${elfSystems[head[7]!] ?? `system ${head[7]}`}/${nameOf(elfMachines, machine)}`];
}

/** Platforms of a Mach-O file, several for a universal one. */
export function readMachO(head: Uint8Array): string[] | undefined {
  if (head.length < 4) return undefined;
  const magic = view(head).getUint32(0, false);
  if (magic === 0xcafebabe || magic === 0xcafebabf) return readUniversal(head, magic === 0xcafebabf ? 32 : 20);
  const littleEndian = magic === 0xcefaedfe || magic === 0xcffaedfe;
  if (!littleEndian && magic !== 0xfeedface && magic !== 0xfeedfacf) return undefined;
  if (head.length < 8) return [];
  return [`darwin/${nameOf(machMachines, view(head).getUint32(4, littleEndian))}`];
}

/** Platforms of a Windows program. */
export function readPe(head: Uint8Array): string[] | undefined {
  if (!startsWith(head, [0x4d, 0x5a])) return undefined;
  if (head.length < 0x40) return [];
  const at = view(head).getUint32(0x3c, true);
  if (at + 6 > head.length) return [];
  if (!startsWith(head.subarray(at), [0x50, 0x45, 0, 0])) return ["dos"];
  return [`windows/${nameOf(peMachines, view(head).getUint16(at + 4, true))}`];
}

function readUniversal(head: Uint8Array, entryBytes: number): string[] | undefined {
  if (head.length < 8) return [];
  const count = view(head).getUint32(4, false);
  // Java class files begin alike; what follows there is a version, and none was ever below 45.
  if (count > 40) return undefined;
  const platforms: string[] = [];
  for (let index = 0; index < count && 12 + index * entryBytes <= head.length; index++) {
    platforms.push(`darwin/${nameOf(machMachines, view(head).getUint32(8 + index * entryBytes, false))}`);
  }
  return platforms;
}

function nameOf(names: Readonly<Record<number, string>>, machine: number): string {
  return names[machine] ?? `machine ${machine}`;
}

function startsWith(bytes: Uint8Array, head: readonly number[]): boolean {
  return head.every((byte, index) => bytes[index] === byte);
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
