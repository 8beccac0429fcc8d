/** How much of a plugin's output may wait in its files, and how much of it was dropped. PROTOCOL.md §2.8. */
export interface OutputQuota {
  /** What each of the two files may take of the disk, in bytes. */
  readonly maxBytes: number;
  /** Everything of stdout before this offset is gone. */
  readonly stdout: number;
  /** Everything of stderr before this offset is gone. */
  readonly stderr: number;
}

/** Name of its file, in the directory of the output. */
export const quotaFileName = "quota";

/** The least that may be set, in bytes. */
export const minOutputBytes = 1_048_576;

const title = "plugwire-quota-1";
const digits = 16;
const pattern = new RegExp(`^${title}${` (\\d{${digits}})`.repeat(3)}\n$`);

/** Its length in bytes, always: it is written over in place, and never seen in part. */
export const quotaBytes: number = title.length + 3 * (digits + 1) + 1;

/** Makes the bytes of its file. */
export function formatQuota({ maxBytes, stdout, stderr }: OutputQuota): Uint8Array {
  const numbers = [maxBytes, stdout, stderr].map((value) => String(value).padStart(digits, "0"));
  return new TextEncoder().encode(`${title} ${numbers.join(" ")}\n`);
}

/** Reads them; `undefined` when they are none. */
export function parseQuota(bytes: Uint8Array): OutputQuota | undefined {
  const [, ...fields] = pattern.exec(new TextDecoder().decode(bytes)) ?? [];
  const [maxBytes, stdout, stderr] = fields.map(Number);
  if (maxBytes === undefined || stdout === undefined || stderr === undefined) return undefined;
  return { maxBytes, stdout, stderr };
}
