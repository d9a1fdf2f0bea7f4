/**
 * Secrets that stand in the file itself. The file travels with a deploy whole, also what no gateway uses, so every
 * section is looked through: by the names of keys, and for texts that look like tokens. So are comments.
 */
import type { Problem } from "../errors.ts";
import { isTable, type Table } from "./coerce.ts";
import { commentsOf } from "./comments.ts";
import { envPrefixOf } from "./environment.ts";
import type { Path } from "./settings.ts";

/** How the problem is told from others. */
export const LITERAL_SECRET = "is a secret that stands in the file";

/** Matterbridge's secrets of all protocols have these names. */
const SECRET_KEY = /(?:token|password|secret|picklekey|recoverykey)$/iu;
/** Who knows the address of a webhook can post. */
const WEBHOOK_KEY = /webhookurl$/iu;
/** Slack's tokens, and a URL with a password in it. */
const SECRET_TEXT =
  /\bxox[a-z](?:\.xox[a-z])?-[\w-]{6,}|\bxapp-[\w-]{6,}|:\/\/[^/\s:@]+:[^/\s@]+@/u;
/** Deeper than any setting; no stack is spent on what is deeper. */
const DEPTH = 8;

/** `secretKeys`: names of the settings that are secret, in lower case. `settable`: sections that the environment sets. */
export function findLiteralSecrets(
  root: Table,
  secretKeys: ReadonlySet<string>,
  settable: (section: string) => boolean,
): Problem[] {
  const found = new Map<string, Problem>();
  const isLiteral = (text: string, key: string) =>
    text !== "" &&
    !/\$\{[A-Za-z_]\w*\}/u.test(text) &&
    (secretKeys.has(key.toLowerCase()) ||
      SECRET_KEY.test(key) ||
      SECRET_TEXT.test(text) ||
      (WEBHOOK_KEY.test(key) && text.includes("://")));
  const visit = (value: unknown, path: Path, key: string): void => {
    if (path.length > DEPTH) return;
    if (Array.isArray(value)) value.forEach((each, index) => visit(each, [...path, index], key));
    else if (isTable(value))
      for (const [name, each] of Object.entries(value)) visit(each, [...path, name], name);
    else if (typeof value === "string" && isLiteral(value, key)) note(path, key);
  };
  const note = (path: Path, key: string): void => {
    const section = path
      .filter((part) => typeof part === "string")
      .slice(0, -1)
      .join(".");
    const where = `[${section}]`;
    // A list of secrets is one thing to mend.
    const id = `${where} ${key}`;
    if (found.has(id)) return;
    found.set(id, {
      severity: "warning",
      where,
      what: `${key} ${LITERAL_SECRET}`,
      fix:
        secretKeys.has(key.toLowerCase()) && settable(section.toLowerCase())
          ? `take it out and set ${envPrefixOf(section)}${key.toUpperCase()} instead`
          : "take it out: who gets the file gets the secret",
      path,
    });
  };
  visit(root, [], "");
  return [...found.values()];
}

/** Line of each comment that holds what looks like a token, from 1. */
export const findCommentSecrets = (text: string): readonly number[] =>
  commentsOf(text)
    .filter((comment) => SECRET_TEXT.test(comment.text))
    .map(({ from }) => text.slice(0, from).split("\n").length);

/** The text with another one in the place of what looks like a token. */
export const withoutSecrets = (text: string, put: string): string =>
  text.replaceAll(new RegExp(SECRET_TEXT, "gu"), put);
