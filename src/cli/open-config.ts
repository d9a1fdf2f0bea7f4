/** The configuration file that a command is about, with the environment that it is read with. */
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";

import type { Env } from "../core/config/environment.ts";
import { protocols } from "../protocols/registry.ts";
import { type Checked, check } from "./check.ts";
import type { Given, Io } from "./command.ts";
import { CONFIG_PLACES, configPath } from "./config-path.ts";
import { readVars } from "./dev-vars.ts";

export interface Opened extends Checked {
  /** As it is called. */
  readonly file: string;
  readonly text: string;
  readonly env: Env;
}

export const fileOf = (given: Given, io: Io): string => {
  const conf = given.text("conf");
  return configPath(conf === undefined ? [] : ["--conf", conf], io.env, (file) =>
    existsSync(resolve(io.folder, file)),
  );
};

/** Wrangler reads local secrets from .dev.vars: what looks at a configuration must see what it sees. */
export const envOf = (io: Io): Env => ({ ...readVars(io.folder), ...io.env });

/** The one that `wrangler deploy` uploads, whatever else is named. */
const DEPLOYED = CONFIG_PLACES[0]!;

/** Undefined, and said, where there is no such file, or with `deploy` where it is not the one that is deployed. */
export function openConfig(given: Given, io: Io, deploy = false): Opened | undefined {
  const refuse = (error: string): undefined => {
    io.complain(error);
    if (given.flag("json")) io.print(JSON.stringify({ ok: false, error }, undefined, 2));
  };
  const named = given.text("conf") ?? (io.env["FOOTBRIDGE_CONFIG"] || DEPLOYED);
  const file = deploy ? DEPLOYED : fileOf(given, io);
  if (deploy && resolve(io.folder, named) !== resolve(io.folder, DEPLOYED))
    return refuse(
      `${named} is not what a deploy takes along: that is ${DEPLOYED}, always. Copy yours there, and name no other (--conf, FOOTBRIDGE_CONFIG).`,
    );
  if (!existsSync(resolve(io.folder, file)))
    return refuse(
      `${file} is not there: write one with npm run footbridge -- init, or name yours with --conf FILE.`,
    );
  const text = readFileSync(resolve(io.folder, file), "utf8");
  const env = envOf(io);
  return { ...check({ file, text, env, protocols, deploy }), file, text, env };
}
