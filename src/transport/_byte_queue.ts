/** Read entries that may stay in the array before it is cut. */
const slack = 1_024;

/** Chunks in order of arrival, with constant cost at both ends. */
export class ByteQueue {
  #chunks: Uint8Array[] = [];
  #head = 0;
  /** Bytes in all chunks. */
  bytes = 0;

  get length(): number {
    return this.#chunks.length - this.#head;
  }

  push(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.bytes += chunk.length;
  }

  /** Takes the first chunk. */
  shift(): Uint8Array | undefined {
    const chunk = this.#chunks[this.#head];
    if (chunk === undefined) return undefined;
    this.#head++;
    this.bytes -= chunk.length;
    if (this.#head === this.#chunks.length) this.clear();
    else if (this.#head >= slack && this.#head * 2 >= this.#chunks.length) {
      this.#chunks = this.#chunks.slice(this.#head);
      this.#head = 0;
    }
    return chunk;
  }

  /** Takes the first chunk with as many after it as fit into `maxBytes`, in one array. */
  shiftTogether(maxBytes: number): Uint8Array | undefined {
    let total = 0;
    let count = 0;
    for (let i = this.#head; i < this.#chunks.length; i++, count++) {
      const size = this.#chunks[i]!.length;
      if (count > 0 && total + size > maxBytes) break;
      total += size;
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
    this.#chunks = [];
    this.#head = 0;
    this.bytes = 0;
  }
}
