/** Structured logs: one JSON object a line, from `LOG_LEVEL` up. */
import type { Logger } from "../../core/ports.ts";

const LEVELS = ["debug", "info", "warn", "error"] as const;
export type Level = (typeof LEVELS)[number];

const isLevel = (text: string): text is Level => (LEVELS as readonly string[]).includes(text);

/** An empty level is `info`; an unknown one too, and it is said. */
export function createLog(least: string, write: (level: Level, line: object) => void): Logger {
  const from = LEVELS.indexOf(isLevel(least) ? least : "info");
  const at = (level: Level) => {
    if (LEVELS.indexOf(level) < from) return () => undefined;
    return (message: string, fields?: Record<string, unknown>) =>
      write(level, { level, message, ...fields });
  };
  const log: Logger = {
    debug: at("debug"),
    info: at("info"),
    warn: at("warn"),
    error: at("error"),
  };
  if (least !== "" && !isLevel(least))
    log.warn(`LOG_LEVEL is one of ${LEVELS.join(", ")}; info is taken`, { found: least });
  return log;
}
