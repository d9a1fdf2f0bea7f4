/** `.dev.vars`, where Wrangler and the CLI read local secrets: a line each, `NAME=value` or with quotes. */
import { accessSync, chmodSync, constants, existsSync, readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";

import { messageOf } from "../core/errors.ts";
import { LoginFailed } from "./matrix-login-api.ts";

export const DEV_VARS = ".dev.vars";

/** Some editors begin a file with it; read as bytes it is three signs. */
const BYTE_ORDER_MARK = /^(?:\uFEFF|\u00EF\u00BB\u00BF)/u;
const LINE =
  /^[ \t]*(?:export[ \t]+)?([A-Za-z_]\w*)[ \t]*=[ \t]*(?:"([^"]*)"|'([^']*)'|`([^`]*)`|([^\r\n]*?))[ \t]*(?:#[^\r\n]*)?\r?$/gmu;

/** What the file sets; the last line of a name counts. */
export function parseVars(text: string): Record<string, string> {
  const pairs = [...text.replace(BYTE_ORDER_MARK, "").matchAll(LINE)].map(
    ([, name, double, single, tick, bare]) => [name!, double ?? single ?? tick ?? bare ?? ""],
  );
  return Object.fromEntries(pairs) as Record<string, string>;
}

/** Whether there is nothing in it but variables and comments. */
export const isVars = (text: string): boolean =>
  text
    .replace(BYTE_ORDER_MARK, "")
    .replaceAll(LINE, "")
    .replaceAll(/^[ \t]*#.*$/gmu, "")
    .trim() === "";

/** Of the `.dev.vars` in a folder; nothing where there is none. */
export function readVars(folder: string): Record<string, string> {
  const file = resolve(folder, DEV_VARS);
  return existsSync(file) ? parseVars(readFileSync(file, "utf8")) : {};
}

/** A value as it stands in the file; undefined where no quotes can hold it. */
export function quoted(value: string): string | undefined {
  if (/^[\w.~+/=@:,!*()-]*$/u.test(value)) return value;
  if (/[\r\n]/u.test(value)) return undefined;
  const quote = ["'", "`", ...(value.includes("\\") ? [] : ['"'])].find(
    (each) => !value.includes(each),
  );
  return quote === undefined ? undefined : `${quote}${value}${quote}`;
}

/**
 * The text with `name=value` in the place of older lines of that name, or behind all others, which stay as they are. A byte
 * order mark goes, as it would be part of the first name.
 */
export function withVariable(whole: string, name: string, value: string): string {
  const text = whole.replace(BYTE_ORDER_MARK, "");
  const older = new RegExp(`^[ \\t]*(?:export[ \\t]+)?${name}[ \\t]*=[^\\r\\n]*(\\r?\\n|$)`, "gmu");
  let placed = false;
  const replaced = text.replaceAll(older, (_line, end: string) => {
    if (placed) return "";
    placed = true;
    return `${name}=${value}${end}`;
  });
  if (placed) return replaced;
  return `${text}${text === "" || text.endsWith("\n") ? "" : "\n"}${name}=${value}\n`;
}

/** Throws `LoginFailed` when a token could not be kept: to be known before the login. */
export function checkWritable(): void {
  try {
    accessSync(existsSync(DEV_VARS) ? DEV_VARS : ".", constants.W_OK);
  } catch (error) {
    throw new LoginFailed(
      `${DEV_VARS} cannot be written: ${messageOf(error)}`,
      "The token would be kept there. Make it writable, or run the command in a folder of yours.",
    );
  }
}

/** Writes the variable; true when it replaced another value. The file is its owner's alone. */
export function keepVariable(name: string, value: string): boolean {
  // Bytes as signs, so that what is no UTF-8 stays as it is.
  const before = existsSync(DEV_VARS) ? readFileSync(DEV_VARS, "latin1") : "";
  const mode = 0o600;
  if (existsSync(DEV_VARS)) chmodSync(DEV_VARS, mode);
  writeFileSync(DEV_VARS, withVariable(before, name, value), { encoding: "latin1", mode });
  return parseVars(before)[name] !== undefined;
}
