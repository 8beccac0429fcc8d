import { setTimeout as delay } from "node:timers/promises";
import { styleText } from "node:util";

const isTerminal = process.stdout.isTTY === true;
let step = 0;

/** Prints a line. */
export function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Begins a part of the demo, after a moment for who reads along. */
export async function title(text: string): Promise<void> {
  await moment();
  say(`\n${bold(`${++step}. ${text}`)}`);
}

/** Leaves time to read, on a terminal. */
export async function moment(): Promise<void> {
  await delay(isTerminal ? 500 : 0);
}

/** Leaves time for the plugins' logs, which take another way than their answers. */
export async function logsArrive(): Promise<void> {
  await delay(50);
}

/** Text in bold, on a terminal. */
export function bold(text: string): string {
  return styleText("bold", text, { stream: process.stdout });
}

/** Text that matters less. */
export function dim(text: string): string {
  return styleText("dim", text, { stream: process.stdout });
}

/** Text for what went well. */
export function green(text: string): string {
  return styleText("green", text, { stream: process.stdout });
}

/** Text for what did not. */
export function red(text: string): string {
  return styleText("red", text, { stream: process.stdout });
}
