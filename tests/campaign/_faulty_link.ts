import type { Link, LinkHandler } from "../../src/transport/mod.ts";
import type { Random } from "../support/wire_random.ts";

/** What is done to one direction of a link, once, where its byte `at` comes by. */
export interface Damage {
  readonly at: number;
  readonly kind: "change" | "insert" | "drop" | "cut";
  /** How many bytes are put in or left out. */
  readonly count: number;
  readonly random: Random;
}

/** Draws what is done, within the first bytes: the line, the preface, the hellos, the proofs, the first calls. */
export function drawDamage(random: Random): Damage {
  const kind = random.pick(["change", "insert", "drop", "cut"] as const);
  const near = random.chance(0.3) ? 40 : 900;
  return { at: random.below(near), kind, count: random.between(1, random.chance(0.2) ? 5_000 : 20), random };
}

/** One direction: passes bytes on until it comes to its place. */
class Direction {
  readonly #damage: Damage | undefined;
  #passed = 0;

  constructor(damage: Damage | undefined) {
    this.#damage = damage;
  }

  /** The bytes to hand on in place of these; `undefined`: the link is cut. */
  pass(bytes: Uint8Array): Uint8Array | undefined {
    const damage = this.#damage;
    const start = this.#passed;
    this.#passed += bytes.length;
    if (damage === undefined || damage.at < start || damage.at >= this.#passed) return bytes;
    if (damage.kind === "cut") return undefined;
    const place = damage.at - start;
    const noise = Uint8Array.from({ length: damage.count }, () => damage.random.below(256));
    const before = bytes.subarray(0, place);
    if (damage.kind === "change") return joined(before, noise.subarray(0, 1), bytes.subarray(place + 1));
    if (damage.kind === "insert") return joined(before, noise, bytes.subarray(place));
    return joined(before, bytes.subarray(Math.min(bytes.length, place + damage.count)));
  }
}

/** A link on which the bytes of either direction are damaged. */
export class FaultyLink implements Link {
  readonly name: string;
  readonly #link: Link;
  readonly #in: Direction;
  readonly #out: Direction;

  constructor(link: Link, damage: { readonly in?: Damage; readonly out?: Damage }) {
    this.name = link.name;
    this.#link = link;
    this.#in = new Direction(damage.in);
    this.#out = new Direction(damage.out);
  }

  start(handler: LinkHandler): void {
    this.#link.start({
      bytes: (chunk) => {
        const bytes = this.#in.pass(chunk);
        if (bytes === undefined) return this.#link.destroy();
        if (bytes.length > 0) handler.bytes(bytes);
      },
      end: () => handler.end(),
      drain: () => handler.drain(),
      closed: (error) => handler.closed(error),
    });
  }

  write(bytes: Uint8Array): boolean {
    const passed = this.#out.pass(bytes);
    if (passed !== undefined) return this.#link.write(passed);
    this.#link.destroy();
    return true;
  }

  get hasTaken(): boolean {
    return this.#link.hasTaken ?? false;
  }

  end(): void {
    this.#link.end();
  }

  destroy(reason?: unknown): void {
    this.#link.destroy(reason);
  }

  pause(): void {
    this.#link.pause();
  }

  resume(): void {
    this.#link.resume();
  }
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
