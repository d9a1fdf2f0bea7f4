/** What the kernel has counted for a process. */
import { readdirSync, readFileSync } from "node:fs";

/** Clock ticks of /proc; 100 a second on every Linux that Node runs on. */
const TICKS_PER_S = 100;

/** CPU time of all threads, in user and kernel, ms. */
export function cpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // The name before the last bracket may hold spaces; user and system time are fields 14 and 15.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / TICKS_PER_S;
}

/** Memory that is resident now, MB of 1,048,576 bytes. */
export const rssMb = (pid: number): number =>
  Number(/VmRSS:\s+(\d+) kB/u.exec(readFileSync(`/proc/${pid}/status`, "utf8"))![1]) / 1024;

/** The child of this process that has this name. */
export function childOf(name: string): number {
  for (const entry of readdirSync("/proc")) {
    if (!/^\d+$/u.test(entry)) continue;
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, "utf8");
      const parent = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
      if (parent === process.pid && stat.includes(`(${name})`)) return Number(entry);
    } catch {
      // It ended meanwhile.
    }
  }
  throw new Error(`no child process ${name}`);
}
