/** `check`: everything that is wrong with a configuration, and the secrets that it still needs. */
import { readAdminToken } from "../core/config/admin-token.ts";
import type { Config, Protocol } from "../core/config/config.ts";
import { loadConfig, stopsDeploy } from "../core/config/load.ts";
import type { Problem } from "../core/errors.ts";
import { beyondFreePlan, type KindOf } from "../core/free-plan.ts";
import { connectTo } from "./live-http.ts";
import { describeProblems, type Line } from "./problems.ts";

export interface Checked {
  readonly config: Config | undefined;
  readonly lines: readonly Line[];
  /** Environment variables that hold secrets which are not set here. */
  readonly missing: readonly string[];
  readonly ok: boolean;
}

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
  const { problems: ofToken } = readAdminToken(env["ADMIN_TOKEN"]);
  const problems = [...loaded.problems, ...ofToken]
    // What only a Worker cannot do is no fault of a configuration that is for a container.
    .filter(({ worker }) => deploy || worker === undefined)
    .map((problem): Problem =>
      deploy && stopsDeploy(problem) ? { ...problem, severity: "error" } : problem,
    );
  const missing = [...(loaded.config?.accounts.values() ?? [])].flatMap((account) => {
    const protocol = protocols.find(({ name }) => name === account.protocol);
    return (protocol?.requiredSecrets(account) ?? [])
      .filter((key) => account.settings.secrets(key).length === 0)
      .map((key) => account.envName(key));
  });
  if (deploy && loaded.config !== undefined)
    problems.push(...beyondFreePlan(loaded.config, kindOf(loaded.config)));
  const ok = problems.every(({ severity }) => severity !== "error");
  return { config: loaded.config, lines: describeProblems(file, text, problems), missing, ok };
}

/** As the connectors say it themselves; nothing is asked of anybody. */
const kindOf =
  ({ accounts }: Config): KindOf =>
  (id) => {
    const account = accounts.get(id);
    const never = () => Promise.reject(new Error("nothing is asked here"));
    return account === undefined ? undefined : connectTo(account, never, () => 0).source?.kind;
  };
