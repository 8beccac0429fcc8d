/** Bytes read that one piece of litter is made for. */
const bytesPerPiece = 65_536;
/** Items of a piece: 12 KiB. With less V8 falls back to full collections now and then, with more the writing itself shows. */
const items = 1_536;

/** V8's collector is meant; that of Bun has other rules. */
const isV8 = !("Bun" in globalThis);

let unpaid = 0;
/** Kept until the next one, so that no compiler leaves it out. */
const latest: { piece?: unknown[] } = {};

/**
 * Says that so many bytes were read into buffers of their own. V8 marks all of its heap (5 to 10 ms with a library loaded)
 * whenever buffers outside of it come to some 20 MiB, which for a byte stream is all the time. A young collection frees the same
 * buffers in 0.2 ms, but comes only when young memory is full, and a buffer of 64 KiB takes some hundred bytes of that. So an
 * array that nobody wants is left there with each of them: young collections then come every 10 MiB, and full ones hardly ever.
 */
export function litterFor(bytes: number): void {
  unpaid += bytes;
  if (unpaid < bytesPerPiece || !isV8) return;
  unpaid = 0;
  latest.piece = new Array(items);
}
