/** What `npm run bench` is told. */
import { parseArgs } from "node:util";

export interface Args {
  /** Names of measurements; empty: all. */
  readonly only: readonly string[];
  readonly json: boolean;
  /** Each measurement so many times; the median counts. */
  readonly repeat: number;
}

/** Throws with what to write instead. */
export function readArgs(args: readonly string[], names: readonly string[]): Args {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: "string", multiple: true, default: [] },
      json: { type: "boolean", default: false },
      repeat: { type: "string", default: "1" },
    },
  });
  const unknown = values.only.find((name) => !names.includes(name));
  if (unknown !== undefined)
    throw new Error(`--only ${unknown}: there is no such measurement, only ${names.join(", ")}`);
  const repeat = Number(values.repeat);
  if (!Number.isInteger(repeat) || repeat < 1)
    throw new Error(`--repeat ${values.repeat}: write a whole number from 1`);
  return { only: values.only, json: values.json, repeat };
}
