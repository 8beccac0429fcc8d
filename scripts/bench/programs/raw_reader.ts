// The other side of the raw socket: reads, and answers each ROUND bytes with one byte. Arguments: PATH ROUND.
import net from "node:net";

const [path = "", roundBytes = ""] = process.argv.slice(2);
const round = Number(roundBytes);
let read = 0;
const socket = net.connect(path);
socket.on("data", (chunk: Uint8Array) => {
  read += chunk.length;
  for (; read >= round; read -= round) socket.write(new Uint8Array([1]));
});
