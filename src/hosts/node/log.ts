/** One JSON object a line on standard output. */
import type { Logger } from "../../core/ports.ts";
import { createLog } from "../shared/log.ts";

export function createNodeLog(level: string): Logger {
  // Whoever reads the log may go away; that is no reason to stop relaying.
  process.stdout.on("error", () => undefined);
  return createLog(level, (_level, line) => {
    process.stdout.write(`${JSON.stringify({ time: new Date().toISOString(), ...line })}\n`);
  });
}
