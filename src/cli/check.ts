/** `check`: everything that is wrong with a configuration, and the secrets that it still needs. */
import type { Config, Protocol } from "../core/config/config.ts";
import { loadConfig } from "../core/config/load.ts";
import type { Problem } from "../core/errors.ts";
import { describeProblems, type Line } from "./problems.ts";

export interface Checked {
  readonly config: Config | undefined;
  readonly lines: readonly Line[];
  /** Environment variables that hold secrets which are not set here. */
  readonly missing: readonly string[];
  readonly ok: boolean;
}

/** Stands in the template where a user's own channel belongs. */
const PLACEHOLDER = /your-(?:channel|org)/u;

export interface CheckOptions {
  readonly file: string;
  readonly text: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly protocols: readonly Protocol[];
  /** Before a deploy the file becomes part of what is uploaded: secrets and the template are errors. */
  readonly deploy: boolean;
}

export function check(options: CheckOptions): Checked {
  const { file, text, env, protocols, deploy } = options;
  const loaded = loadConfig(text, env, protocols);
  const problems = loaded.problems.map((problem): Problem =>
    deploy && problem.what.endsWith("is a secret that stands in the file")
      ? { ...problem, severity: "error" }
      : problem,
  );
  for (const gateway of loaded.config?.gateways ?? [])
    for (const leg of gateway.legs)
      if (PLACEHOLDER.test(leg.channel))
        problems.push({
          severity: deploy ? "error" : "warning",
          where: `gateway "${gateway.name}"`,
          what: `"${leg.channel}" is the template's placeholder`,
          fix: "write the name of your own channel",
          path: ["gateway"],
        });
  const missing = [...(loaded.config?.accounts.values() ?? [])].flatMap((account) => {
    const protocol = protocols.find(({ name }) => name === account.protocol);
    return (protocol?.requiredSecrets(account) ?? [])
      .filter(
        (key) =>
          account.settings.secret(key) === undefined && account.settings.secrets(key).length === 0,
      )
      .map((key) => account.envName(key));
  });
  const ok = problems.every(({ severity }) => severity !== "error");
  return { config: loaded.config, lines: describeProblems(file, text, problems), missing, ok };
}
