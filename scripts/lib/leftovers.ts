import { readdirSync, readFileSync } from "node:fs";

/** A process that outlived what started it. */
export interface LeftProcess {
  readonly pid: number;
  readonly command: string;
}

/** What marks the processes of one sandbox. */
export interface ProcessMark {
  /** A `NAME=value` that all of them inherit in their environment. */
  readonly variable: string;
  /** Session id of the first of them: it also finds those whose environment was replaced. */
  readonly session: number | undefined;
}

/** True where {@linkcode findProcesses} can see anything. */
export const canFindProcesses: boolean = process.platform === "linux";

/** Lists the living processes that carry a mark. Zombies do not count: they hold nothing but their exit status. */
export function findProcesses(mark: ProcessMark): LeftProcess[] {
  if (!canFindProcesses) return [];
  const found: LeftProcess[] = [];
  for (const name of readdirSync("/proc")) {
    const pid = Number(name);
    if (!Number.isInteger(pid) || pid === process.pid) continue;
    if (carries(pid, mark)) found.push({ pid, command: read(pid, "cmdline").replaceAll("\0", " ").trim() });
  }
  return found;
}

function carries(pid: number, mark: ProcessMark): boolean {
  // The name in parentheses may hold spaces and parentheses itself; what follows the last one is safe to split.
  const stat = read(pid, "stat");
  const [state, , , session] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  if (state === undefined || state === "" || state === "Z" || state === "X") return false;
  if (mark.session !== undefined && Number(session) === mark.session) return true;
  return read(pid, "environ").split("\0").includes(mark.variable);
}

function read(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    // The process ended meanwhile, or belongs to someone else: either way it is not ours.
    return "";
  }
}
