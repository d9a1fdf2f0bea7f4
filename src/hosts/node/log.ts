/** One JSON object a line on standard output; `LOG_LEVEL` is info, warn or error. */
import type { Logger } from "../../core/ports.ts";

const LEVELS = ["info", "warn", "error"] as const;

export function createLog(level: string): Logger {
  // Whoever reads the log may go away; that is no reason to stop relaying.
  process.stdout.on("error", () => undefined);
  const least = Math.max(0, LEVELS.indexOf(level as (typeof LEVELS)[number]));
  const write = (at: number) => (message: string, fields?: Record<string, unknown>) => {
    if (at >= least)
      process.stdout.write(
        `${JSON.stringify({ time: new Date().toISOString(), level: LEVELS[at], message, ...fields })}\n`,
      );
  };
  return { info: write(0), warn: write(1), error: write(2) };
}
