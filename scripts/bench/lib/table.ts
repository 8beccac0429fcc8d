import type { CpuPair, Result } from "./result.ts";

const widths = [22, 6, 16, 16, 7, 24, 24];

/** The head of the table. */
export function tableHead(): string {
  return row(["case", "on", "Plugwire", "floor", "ratio", "CPU us/call (host+other)", "floor's"]);
}

/** One figure as a line of the table. */
export function tableRow(result: Result): string {
  const { unit, cpu } = result;
  const per = unit === "MiB/s" ? "/MiB" : "";
  return row([
    result.case,
    result.runtime,
    amount(result.value, unit),
    result.floor === null ? "-" : amount(result.floor, unit),
    result.ratio === null ? "-" : result.ratio.toFixed(2),
    cpu === undefined ? "" : `${pair(cpu.ours)}${per}`,
    cpu === undefined ? "" : `${pair(cpu.floor)}${per}`,
  ]);
}

function row(cells: readonly string[]): string {
  return cells
    .map((cell, i) => cell.padEnd(widths[i] ?? 0))
    .join(" ")
    .trimEnd();
}

function amount(value: number, unit: string): string {
  const digits = value < 100 ? 1 : 0;
  return `${value.toLocaleString("en", { maximumFractionDigits: digits, minimumFractionDigits: digits })} ${unit}`;
}

function pair([host, other]: CpuPair): string {
  return `${host.toFixed(1)} + ${other.toFixed(1)}`;
}
