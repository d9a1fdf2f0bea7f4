/** `AdminChannel`: where the bridge says what is wrong with itself. */
import type { Problem } from "../errors.ts";
import { type AccountId, accountId } from "../ids.ts";
import type { AccountConfig, AdminChannel, Settings } from "./config.ts";

/** Undefined where none is set, or none that can be used. */
export function readAdmin(
  general: Settings,
  accounts: ReadonlyMap<AccountId, AccountConfig>,
  problems: Problem[],
): AdminChannel | undefined {
  const text = general.string("AdminChannel")?.trim() ?? "";
  if (text === "") return undefined;
  const slash = text.indexOf("/");
  const account = accountId(text.slice(0, Math.max(0, slash)).toLowerCase());
  const channel = text.slice(slash + 1);
  if (slash > 0 && channel !== "" && accounts.has(account)) return { account, channel };
  problems.push({
    severity: "error",
    where: "[general]",
    what:
      slash > 0 && channel !== ""
        ? `AdminChannel names ${account}, which no enabled gateway uses`
        : `AdminChannel is "${text}", which names no channel`,
    fix: `write an account of a gateway and a channel of it: AdminChannel="${[...accounts.keys()][0] ?? "slack.myteam"}/ops"`,
    path: ["general", "AdminChannel"],
  });
  return undefined;
}
