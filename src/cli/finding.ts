/** What `check --live` finds out, and what it asks about. */
import type { AccountConfig, Config } from "../core/config/config.ts";
import { messageOf } from "../core/errors.ts";
import { CallFailed } from "../core/ports.ts";

export interface Finding {
  /** `unknown`: it was asked, and what came tells neither that it works nor that it does not. */
  readonly state: "ok" | "warning" | "error" | "unknown" | "skipped";
  /** `slack.myteam`, or `slack.myteam #dev`. */
  readonly where: string;
  readonly what: string;
  /** What to do about it; absent where there is nothing to do. */
  readonly fix?: string;
}

/** One account with the names of its channels. */
export interface Asked {
  readonly config: Config;
  readonly account: AccountConfig;
  readonly channels: readonly string[];
  readonly clock: () => number;
}

/** What stopped the questions, as far as a connector can tell. */
export function failed(where: string, error: unknown): Finding {
  if (error instanceof CallFailed && "fix" in error.outcome) {
    const { reason, fix } = error.outcome;
    return { state: "error", where, what: reason, fix };
  }
  const what = messageOf(error).replaceAll("\n", " ");
  return what.startsWith("no connection")
    ? { state: "error", where, what, fix: "check the address, and that this machine is online" }
    : { state: "unknown", where, what: `could not be asked: ${what}`, fix: "try again later" };
}

/** A secret that is not here, so that nothing can be asked with it. */
export const absent = (
  where: string,
  variable: string,
  fix = `write ${variable}=... into .dev.vars (for this check), and set it where Footbridge runs`,
): Finding => ({
  state: "error",
  where,
  what: `${variable} is not set here, so that nothing can be asked`,
  fix,
});
