// The floor every figure of calls is a ratio to: this frame header, cbor-x and coalesced writes over one Unix socket,
// host and child the same runtime, everything else left out. A port of the prototype as it was, FROZEN: an improvement
// of it would move all figures. Only what opens and closes it was put around, so that its rounds can alternate with ours.
import { type ChildProcess, spawn } from "node:child_process";
import { unlinkSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { Encoder } from "cbor-x";
import { runtimeArguments } from "./lib/runtime_arguments.ts";

const enc = new Encoder({ useRecords: false, tagUint8Array: false, variableMapSize: true });

type OnFrame = (flags: number, id: number, payload: Uint8Array) => void;

/** The host's side of the floor. */
export interface Floor {
  readonly pid: number;
  call(method: string, args: readonly unknown[]): Promise<unknown>;
  close(): void;
}

/** Starts the child and waits for it. */
export function openFloor(): Promise<Floor> {
  const path = `${tmpdir()}/floor${process.pid}.sock`;
  return new Promise((resolve) => {
    let child: ChildProcess;
    const server = net.createServer((socket) => {
      const close = (): void => {
        socket.destroy();
        server.close();
        try {
          unlinkSync(path);
        } catch {
          // The server may have removed it already.
        }
      };
      resolve({ pid: child.pid!, call: caller(socket), close });
    });
    server.listen(path, () => {
      // A session of its own, as plugins have: Linux shares a busy machine out by sessions, and two get more than one.
      child = spawn(process.execPath, [...runtimeArguments(), fileURLToPath(import.meta.url), "floor-child", path], {
        stdio: "inherit",
        detached: true,
      });
    });
  });
}

function caller(s: net.Socket): Floor["call"] {
  const w = writer(s);
  const pend = new Map<number, (value: unknown) => void>();
  let next = 1;
  s.on(
    "data",
    reader((_flags, id, p) => {
      const r = pend.get(id)!;
      pend.delete(id);
      const [_e, v] = enc.decode(p) as [unknown, unknown];
      r(v);
    }),
  );
  return (m, args) =>
    new Promise((r) => {
      const id = next;
      next += 2;
      pend.set(id, r);
      w(5, id, enc.encode([m, args]));
    });
}

function reader(onFrame: OnFrame): (chunk: Uint8Array) => void {
  let buf: Uint8Array | null = null;
  return (chunk) => {
    if (buf) {
      const n = new Uint8Array(buf.length + chunk.length);
      n.set(buf);
      n.set(chunk, buf.length);
      chunk = n;
      buf = null;
    }
    let o = 0;
    const dv = new DataView(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    while (chunk.length - o >= 9) {
      const len = dv.getUint32(o + 5);
      if (chunk.length - o < 9 + len) break;
      onFrame(chunk[o]!, dv.getUint32(o + 1), chunk.subarray(o + 9, o + 9 + len));
      o += 9 + len;
    }
    if (o < chunk.length) buf = chunk.subarray(o).slice();
  };
}

function writer(s: net.Socket): OnFrame {
  let q: Uint8Array[] = [];
  let bytes = 0;
  let sched = false;
  return (flags, id, payload) => {
    const h = new Uint8Array(9 + payload.length);
    h[0] = flags;
    new DataView(h.buffer).setUint32(1, id);
    new DataView(h.buffer).setUint32(5, payload.length);
    h.set(payload, 9);
    q.push(h);
    bytes += h.length;
    if (!sched) {
      sched = true;
      queueMicrotask(flush);
    }
  };
  function flush(): void {
    sched = false;
    if (q.length === 1) {
      s.write(q[0]!);
    } else {
      const b = new Uint8Array(bytes);
      let o = 0;
      for (const c of q) {
        b.set(c, o);
        o += c.length;
      }
      s.write(b);
    }
    q = [];
    bytes = 0;
  }
}

function serveFrames(s: net.Socket): void {
  const w = writer(s);
  s.on(
    "data",
    reader((_flags, id, p) => {
      const [_m, args] = enc.decode(p) as [string, string[]];
      Promise.resolve(`Hello, ${args[0]}`).then((v) => w(4, id, enc.encode([0, v])));
    }),
  );
}

if (process.argv[2] === "floor-child") serveFrames(net.connect(process.argv[3]!));
