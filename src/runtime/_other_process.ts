import fs from "node:fs";
import { ErrorCode } from "../errors/mod.ts";
import { errnoOf, systemError } from "./_system_errors.ts";

/** Fields of `/proc/PID/stat` after the name, which may itself have blanks and brackets: proc_pid_stat(5). */
const stateField = 0;
const startField = 19;

let bootId: string | undefined;

/** When a process began, as a text that no other process of its number has. */
export function processStart(pid: number): string | undefined {
  if (!Number.isSafeInteger(pid) || pid <= 0) return undefined;
  return process.platform === "linux" ? startOnLinux(pid) : startByPs(pid);
}

/** Ticks since the system was started, and which start of the system that was. */
function startOnLinux(pid: number): string | undefined {
  let stat: string;
  try {
    stat = fs.readFileSync(`/proc/${pid}/stat`, "utf8");
    bootId ??= fs.readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim().slice(0, 8);
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === "ENOENT" || errno === "ESRCH") return undefined;
    throw systemError(ErrorCode.internal, `cannot tell when process ${pid} began`, error);
  }
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  // It has ended, and nobody has asked how yet.
  if (fields[stateField] === "Z" || fields[stateField] === "X") return undefined;
  return `${bootId}-${fields[startField]}`;
}

function startByPs(pid: number): string | undefined {
  const env = { PATH: process.env.PATH ?? "/bin:/usr/bin", LC_ALL: "C", TZ: "UTC" };
  // Asked for by name: plugins, which seldom start processes, need not pay for loading it.
  const { spawnSync } = process.getBuiltinModule("node:child_process");
  const { error, status, stdout } = spawnSync("ps", ["-o", "stat=,lstart=", "-p", String(pid)], {
    env,
    encoding: "utf8",
  });
  if (error) throw systemError(ErrorCode.internal, `cannot tell when process ${pid} began`, error);
  const [state = "", ...start] = stdout.trim().split(/\s+/);
  return status !== 0 || state === "" || state.startsWith("Z") ? undefined : start.join(" ");
}

/**
 * Sends a signal to the group that a process leads, or to it alone when it leads none, if it is still the one that
 * began then.
 */
export function signalProcess(pid: number, started: string, signal: string): boolean {
  // Directly before the signal: a number that was free a moment ago may be a stranger's now.
  if (processStart(pid) !== started) return false;
  if (process.platform !== "win32" && send(-pid, signal)) return true;
  return processStart(pid) === started && send(pid, signal);
}

function send(target: number, signal: string): boolean {
  try {
    process.kill(target, signal as NodeJS.Signals);
    return true;
  } catch (error) {
    const errno = errnoOf(error);
    // EPERM: Deno signals groups with all of --allow-run alone; or it is another user's.
    if (errno === "ESRCH" || errno === "EPERM") return false;
    throw systemError(ErrorCode.internal, `cannot send ${signal} to process ${target}`, error);
  }
}
