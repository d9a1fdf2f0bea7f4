/** The tables of a file: which there are, and which nothing reads. */
import type { Problem } from "../errors.ts";
import { accountId, type AccountId } from "../ids.ts";
import { isTable, type Table } from "./coerce.ts";
import { nearest } from "./nearest.ts";
import { OTHER_PROTOCOLS } from "./schema.ts";
import type { Path } from "./settings.ts";

export interface Placed {
  readonly table: Table;
  readonly path: Path;
}

/** The table under these keys, whatever their case. Tables that differ in case only count as one. */
export function sectionOf(root: Table, ...keys: readonly string[]): Placed | undefined {
  let found: readonly Placed[] = [{ table: root, path: [] }];
  for (const key of keys)
    found = found.flatMap(({ table, path }) =>
      Object.entries(table).flatMap(([name, value]) =>
        name.toLowerCase() === key.toLowerCase() && isTable(value)
          ? [{ table: value, path: [...path, name] }]
          : [],
      ),
    );
  const [first, ...rest] = found;
  if (first === undefined || rest.length === 0) return first;
  return { ...first, table: Object.assign({}, ...found.map(({ table }) => table)) as Table };
}

const SECTIONS = ["general", "gateway", "samechannelgateway", "tengo", "user"];

/** Warns of everything at the top of the file that has no effect. */
export function checkSections(
  root: Table,
  used: ReadonlySet<AccountId>,
  supported: ReadonlySet<string>,
  problems: Problem[],
): void {
  for (const [key, value] of Object.entries(root)) {
    const name = key.toLowerCase();
    const warn = (where: string, what: string, fix: string, path: Path) =>
      void problems.push({ severity: "warning", where, what, fix, path });
    if (name === "tengo")
      warn(
        `[${key}]`,
        "scripts are not run",
        "ReplaceMessages and ReplaceNicks do most of what they are used for",
        [key],
      );
    if (SECTIONS.includes(name)) continue;
    if (supported.has(name)) {
      checkAccounts(key, value, used, warn);
      continue;
    }
    // An account that a gateway uses has its own error.
    if ([...used].some((id) => id.startsWith(`${name}.`))) continue;
    const near = nearest(key, [...SECTIONS, ...supported]);
    if (OTHER_PROTOCOLS.has(name))
      warn(
        `[${key}]`,
        `is not supported by Footbridge (supported: ${[...supported].join(", ")})`,
        "take it out; no enabled gateway uses it",
        [key],
      );
    else
      warn(
        `[${key}]`,
        "is not a section that Footbridge knows",
        near === undefined ? "take it out" : `did you mean ${near}?`,
        [key],
      );
  }
}

function checkAccounts(
  key: string,
  value: unknown,
  used: ReadonlySet<AccountId>,
  warn: (where: string, what: string, fix: string, path: Path) => void,
): void {
  if (!isTable(value)) {
    warn(`[${key}]`, "is not a table of accounts", `write [${key}.NAME]`, [key]);
    return;
  }
  for (const [name, account] of Object.entries(value))
    if (!isTable(account))
      warn(
        `[${key}]`,
        `${name} is set for no account`,
        `write it under [${key}.NAME], or under [general] for all accounts`,
        [key, name],
      );
    else if (!used.has(accountId(`${key}.${name}`)))
      warn(
        `[${key}.${name}]`,
        "no enabled gateway uses this account",
        "use it in a [[gateway]], or take it out",
        [key, name],
      );
}
