/** `[[user]]`: who of one account is who in another, so that a mention of the one can be a mention of the other. */
import type { Problem } from "../errors.ts";
import { type AccountId, accountId } from "../ids.ts";
import { isTable, type Table } from "./coerce.ts";
import type { AccountConfig, Protocol } from "./config.ts";
import { type Env, expand } from "./environment.ts";
import { nearest } from "./nearest.ts";
import type { Path } from "./settings.ts";

/** One person's ids, by account. */
export type User = ReadonlyMap<AccountId, string>;

export interface Users {
  readonly root: Table;
  readonly env: Env;
  readonly accounts: ReadonlyMap<AccountId, AccountConfig>;
  /** Accounts that have a section, used or not. */
  readonly defined: readonly AccountId[];
  readonly protocols: readonly Protocol[];
  readonly problems: Problem[];
}

interface Written {
  readonly account: AccountId;
  readonly value: unknown;
  readonly path: Path;
}

/** `slack.team = "U123"` in a table makes a table of its own, `"slack.team" = "U123"` does not; both mean the same. */
function idsOf(table: Table, path: Path): Written[] {
  return Object.entries(table).flatMap(([key, value]): Written[] => {
    if (isTable(value))
      return Object.entries(value).map(([name, id]) => ({
        account: accountId(`${key}.${name}`),
        value: id,
        path: [...path, key, name],
      }));
    const isName = key.toLowerCase() === "name";
    return isName ? [] : [{ account: accountId(key), value, path: [...path, key] }];
  });
}

/** Everybody who is in at least two of the accounts. */
export function readUsers(context: Users): User[] {
  const { root, problems } = context;
  const taken = new Map<string, string>();
  return Object.entries(root).flatMap(([key, list]) => {
    if (key.toLowerCase() !== "user") return [];
    if (!Array.isArray(list)) {
      const what = "is not a list of tables";
      problems.push({
        ...ERROR,
        where: "[user]",
        what,
        fix: "write [[user]], with two brackets",
        path: [key],
      });
      return [];
    }
    return list.flatMap((table: unknown, index) =>
      isTable(table) ? readUser(table, [key, index], taken, context) : [],
    );
  });
}

const ERROR = { severity: "error" as const };
const WARNING = { severity: "warning" as const };

function readUser(table: Table, path: Path, taken: Map<string, string>, context: Users): User[] {
  const { problems } = context;
  const named = Object.entries(table).find(([key]) => key.toLowerCase() === "name")?.[1];
  const where = `user ${typeof named === "string" ? `"${named}"` : `number ${Number(path[1]) + 1}`}`;
  const errors = () => problems.filter(({ severity }) => severity === "error").length;
  const before = errors();
  const written = idsOf(table, path);
  const ids = new Map<AccountId, string>();
  for (const each of written) {
    const id = readId(each, where, context);
    if (id === undefined) continue;
    const place = `${each.account} ${id.toLowerCase()}`;
    const other = taken.get(place);
    if (other !== undefined)
      problems.push({
        ...ERROR,
        where,
        what: `${id} of ${each.account} is ${other === where ? "written twice" : `${other} already`}`,
        fix: "write each id once",
        path: each.path,
      });
    taken.set(place, where);
    ids.set(each.account, id);
  }
  if (written.length < 2 && errors() === before)
    problems.push({
      ...WARNING,
      where,
      what: "has an id in fewer than two accounts, so that nobody can be told from it",
      fix: 'write slack.team="U0123456789" and matrix.home="@ann:example.org", with your accounts',
      path,
    });
  return ids.size < 2 ? [] : [ids];
}

/** Undefined where there is none that can be used. */
function readId(written: Written, where: string, context: Users): string | undefined {
  const { accounts, defined, protocols, problems, env } = context;
  const { account, value, path } = written;
  const account_ = accounts.get(account);
  const error = (what: string, fix: string) =>
    void problems.push({ ...ERROR, where, what, fix, path });
  if (account_ === undefined) {
    if (defined.includes(account)) return undefined;
    const near = nearest(account, [...accounts.keys()], 2);
    const fix = near === undefined ? "take it out" : `did you mean ${near}?`;
    error(`"${account}" is no account of this file`, fix);
    return undefined;
  }
  let isSet = true;
  const id = expand(value, env, (variable) => {
    isSet = false;
    error(
      `${account} names the variable ${variable}, which is not set`,
      `set ${variable} in the environment, or write the id`,
    );
  });
  if (!isSet) return undefined;
  const protocol = protocols.find(({ name }) => name === account_.protocol);
  const text = typeof id === "string" ? id.trim() : "";
  const fix = text === "" ? 'write it as text: "..."' : protocol?.checkUser?.(account_, text);
  if (fix === undefined) return text;
  error(`the id of ${account} is not one`, fix);
  return undefined;
}
