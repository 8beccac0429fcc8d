import { Console } from "node:console";
import { surviveBrokenPipe } from "./_broken_pipe.ts";

/**
 * Sends everything that the program prints to stderr, so that stdout carries the session alone. The console is
 * replaced method by method, since programs keep references to it; Deno's and Bun's write past `process.stdout`.
 */
export function redirectOutput(): void {
  const { stdout, stderr } = process;
  surviveBrokenPipe(stderr);
  const replacement = new Console({ stdout: stderr, stderr });
  const names = Object.keys(console) as (keyof Console)[];
  for (const name of names) {
    const method: unknown = replacement[name];
    if (typeof method === "function") Reflect.set(console, name, method.bind(replacement));
  }
  // Whoever has the stream already, and whoever asks for it from now on.
  stdout.write = stderr.write.bind(stderr);
  stdout.end = ((...args: Parameters<typeof stderr.write>) => {
    if (args[0] !== undefined && typeof args[0] !== "function") stderr.write(...args);
    return stdout;
  }) as typeof stdout.end;
}
