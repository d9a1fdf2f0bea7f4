/** Workers Logs index the fields of a JSON line. */
import type { Logger } from "../../core/ports.ts";

const line = (level: string, message: string, fields?: Record<string, unknown>) =>
  JSON.stringify({ level, message, ...fields });

export const log: Logger = {
  info: (message, fields) => console.log(line("info", message, fields)),
  warn: (message, fields) => console.warn(line("warn", message, fields)),
  error: (message, fields) => console.error(line("error", message, fields)),
};
