/** How far one output was delivered, as offsets in its file. */
export interface OutputPlace {
  /** All before it was delivered. */
  readonly delivered: number;
  /** All lines that end before it were logged; what lies between this and `delivered` is the beginning of the next one. */
  readonly logged: number;
  /** What tells the file from another in its place; empty when not known. */
  readonly id: string;
}

/** How far both outputs were delivered. */
export interface OutputPlaces {
  readonly stdout: OutputPlace;
  readonly stderr: OutputPlace;
}

const title = "plugwire-output-1";
const digits = 16;
const idDigits = 20;
/** Always of one length: written over in place it needs no disk, which may be full, and is never seen in part. */
export const recordBytes: number = title.length + 2 * (2 * (digits + 1) + idDigits + 1) + 1;

/** A record as bytes. */
export function formatPlaces({ stdout, stderr }: OutputPlaces): Uint8Array {
  const number = (value: number): string => String(value).padStart(digits, "0");
  const place = ({ delivered, logged, id }: OutputPlace): string =>
    `${number(delivered)} ${number(logged)} ${(id.length > idDigits ? "" : id).padStart(idDigits, "-")}`;
  return new TextEncoder().encode(`${title} ${place(stdout)} ${place(stderr)}\n`);
}

const pattern = new RegExp(`^${title}${` (\\d{${digits}}) (\\d{${digits}}) ([-+.e0-9]{${idDigits}})`.repeat(2)}\n$`);

/** Reads a record; `undefined` when it is none. */
export function parsePlaces(bytes: Uint8Array): OutputPlaces | undefined {
  const fields = pattern.exec(new TextDecoder().decode(bytes));
  if (fields === null) return undefined;
  const place = (at: number): OutputPlace => ({
    delivered: Number(fields[at]),
    logged: Number(fields[at + 1]),
    id: fields[at + 2]!.replaceAll("-", ""),
  });
  const places = { stdout: place(1), stderr: place(4) };
  const fits = ({ delivered, logged }: OutputPlace): boolean => logged <= delivered && Number.isSafeInteger(delivered);
  return fits(places.stdout) && fits(places.stderr) ? places : undefined;
}
