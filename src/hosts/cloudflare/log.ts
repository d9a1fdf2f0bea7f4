/** Workers Logs tell the time, index the fields of a JSON line and show its level by the console's method. */
import { createLog } from "../shared/log.ts";
import { env } from "cloudflare:workers";

export const log = createLog(
  (env as { readonly LOG_LEVEL?: string }).LOG_LEVEL ?? "",
  (level, line) => console[level === "info" ? "log" : level](JSON.stringify(line)),
);
