import { expect, it } from "vitest";

import { createLog } from "../../../src/hosts/shared/log.ts";

/** What is written of one line of each level. */
function linesAt(least: string): object[] {
  const lines: object[] = [];
  const log = createLog(least, (_level, line) => void lines.push(line));
  for (const level of ["debug", "info", "warn", "error"] as const) log[level](level, { id: "1" });
  return lines;
}
const line = (level: string) => ({ level, message: level, id: "1" });

it("tells of single messages only when it is asked for debug", () => {
  expect(linesAt("")).toEqual([line("info"), line("warn"), line("error")]);
  expect(linesAt("debug")).toContainEqual(line("debug"));
});

it("leaves out what is below its level", () => {
  expect(linesAt("error")).toEqual([line("error")]);
});

it("says which levels there are when it is given another, and is at info", () => {
  expect(linesAt("loud")).toEqual([
    {
      level: "warn",
      message: "LOG_LEVEL is one of debug, info, warn, error; info is taken",
      found: "loud",
    },
    ...linesAt("info"),
  ]);
});
