import { Ring } from "./ring.ts";

/** Chunks in order of arrival, with constant cost at both ends. */
export class ByteQueue {
  readonly #chunks: Ring<Uint8Array> = new Ring();
  /** Bytes in all chunks. */
  bytes = 0;

  get length(): number {
    return this.#chunks.length;
  }

  push(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.bytes += chunk.length;
  }

  /** Takes the first chunk. */
  shift(): Uint8Array | undefined {
    const chunk = this.#chunks.shift();
    if (chunk !== undefined) this.bytes -= chunk.length;
    return chunk;
  }

  /** Takes the first chunk with as many after it as fit into `maxBytes`, in one array. */
  shiftTogether(maxBytes: number): Uint8Array | undefined {
    let total = 0;
    let count = 0;
    for (let chunk = this.#chunks.at(0); chunk !== undefined; chunk = this.#chunks.at(count)) {
      const size = chunk.length;
      if (count > 0 && total + size > maxBytes) break;
      total += size;
      count++;
    }
    if (count <= 1) return this.shift();
    const together = new Uint8Array(total);
    for (let offset = 0; count > 0; count--) {
      const chunk = this.shift()!;
      together.set(chunk, offset);
      offset += chunk.length;
    }
    return together;
  }

  clear(): void {
    this.#chunks.clear();
    this.bytes = 0;
  }
}
