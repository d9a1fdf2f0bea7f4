/** `secrets` as a command: the secrets go first, so that a stop in the middle loses none. */
import {
  chmodSync,
  existsSync,
  readFileSync,
  realpathSync,
  renameSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { resolve } from "node:path";

import { isExampleSecret } from "../core/config/template.ts";
import { messageOf } from "../core/errors.ts";
import { protocols } from "../protocols/registry.ts";
import { type Command, type Given, type Io, Misuse } from "./command.ts";
import { DEV_VARS, isVars, parseVars, quoted, withVariable } from "./dev-vars.ts";
import { fileOf } from "./open-config.ts";
import { type Moved, type MovedSecret, moveSecrets } from "./secrets.ts";

/** Where secrets go, and how that is written. */
type Target = "dev-vars" | "env-file" | "kubernetes";
const FILES: Readonly<Record<Target, string>> = {
  "dev-vars": DEV_VARS,
  "env-file": "secrets.env",
  kubernetes: "secret.yaml",
};
const OWNER_ONLY = 0o600;
const OVERLAY = "k8s-fallback/overlays/single/secrets.env";

export const secretsCommand: Command = {
  name: "secrets",
  usage: "[--to dev-vars | env-file | kubernetes]",
  summary: "moves secrets out of the configuration, and leaves all else in it as it is",
  options: {
    "to TARGET":
      "dev-vars (the default): .dev.vars, for the Worker; env-file: secrets.env, for docker --env-file and kustomize; kubernetes: a Secret as secret.yaml, for manifests of your own",
    "out FILE": "another file for them",
    "dry-run": "says what would be moved, and moves nothing",
  },
  notes: "No secret is ever printed. Files with secrets are readable by their owner only.",
  async run(given, io) {
    const target = (given.text("to") ?? "dev-vars") as Target;
    if (!Object.hasOwn(FILES, target))
      throw new Misuse(`--to ${target} is not known: dev-vars, env-file or kubernetes.`);
    const file = fileOf(given, io);
    const at = resolve(io.folder, file);
    if (!existsSync(at)) {
      io.complain(`${file} is not there: name yours with --conf FILE.`);
      return 1;
    }
    let moved: Moved;
    try {
      moved = moveSecrets(readFileSync(at, "utf8"), protocols);
    } catch (error) {
      io.complain(`${file}: ${messageOf(error)}. Nothing was changed.`);
      return 1;
    }
    const out = given.text("out") ?? FILES[target];
    if (!given.flag("dry-run") && moved.secrets.length > 0) {
      const refused = write(resolve(io.folder, out), target, moved.secrets);
      if (refused !== undefined) {
        io.complain(`${out}: ${refused} Nothing was changed.`);
        return 1;
      }
      replace(at, moved.text);
    }
    tell({ file, out, target, moved }, given, io);
    return moved.kept.length === 0 ? 0 : 1;
  },
};

/** The file itself, where the name is a link to it; whoever may read it may do so afterwards, and nobody else. */
function replace(name: string, text: string): void {
  const file = realpathSync(name);
  const mode = statSync(file).mode & 0o777;
  writeFileSync(`${file}.new`, text, { mode: OWNER_ONLY });
  chmodSync(`${file}.new`, mode);
  renameSync(`${file}.new`, file);
}

/** What stands in the way, or undefined once they are written. */
function write(file: string, target: Target, secrets: readonly MovedSecret[]): string | undefined {
  const before = existsSync(file) ? readFileSync(file, "utf8") : "";
  let text = target === "kubernetes" ? "" : before;
  if (target === "kubernetes" && before !== "")
    return "is there already: name another with --out, or move it away.";
  if (!isVars(before))
    return "is no file of variables (NAME=value, a line each): name another with --out.";
  const known = parseVars(before);
  for (const { name, value } of secrets) {
    const other = known[name];
    const isOther = other !== undefined && other !== "" && other !== value;
    if (isOther && !isExampleSecret(other))
      return `has another ${name} already: take out the one that is wrong.`;
    const written =
      target === "dev-vars" ? quoted(value) : /[\r\n]/u.test(value) ? undefined : value;
    if (target !== "kubernetes" && written === undefined)
      return `${name} has a line break or quotes that such a file cannot hold.`;
    text = withVariable(text, name, written ?? "");
  }
  const whole = target === "kubernetes" ? secretManifest(secrets) : text;
  if (existsSync(file)) chmodSync(file, OWNER_ONLY);
  writeFileSync(file, whole, { mode: OWNER_ONLY });
  return undefined;
}

/** JSON's strings are YAML's, so that no sign of a secret means anything. */
const secretManifest = (secrets: readonly MovedSecret[]): string =>
  [
    "# Secrets of Footbridge: kubectl apply -n NAMESPACE -f, and keep this file out of Git.",
    "apiVersion: v1",
    "kind: Secret",
    "metadata:",
    "  name: footbridge-secrets",
    "type: Opaque",
    "stringData:",
    ...new Set(secrets.map(({ name, value }) => `  ${name}: ${JSON.stringify(value)}`)),
    "",
  ].join("\n");

interface Told {
  readonly file: string;
  readonly out: string;
  readonly target: Target;
  readonly moved: Moved;
}

function tell({ file, out, target, moved }: Told, given: Given, io: Io): void {
  const names = [...new Set(moved.secrets.map(({ name }) => name))];
  if (given.flag("json")) {
    const list = moved.secrets.map(({ name, line, what }) => ({ name, line, what }));
    io.print(JSON.stringify({ file, out, moved: list, kept: moved.kept }, undefined, 2));
    return;
  }
  for (const { line, what, name } of moved.secrets)
    io.print(
      `${file}:${line}: ${what} ${given.flag("dry-run") ? "would go" : "went"} to ${out} as ${name}`,
    );
  for (const line of moved.kept) io.print(`${io.paint("yellow", "stays")} ${line}`);
  if (names.length === 0) {
    if (moved.kept.length === 0) io.print(`No secret stands in ${file}.`);
    return;
  }
  if (given.flag("dry-run")) return;
  io.print(
    moved.kept.length > 0
      ? io.paint(
          "yellow",
          `\nWhat stays is still to be read in ${file}; the rest of the secrets is not.`,
        )
      : io.paint("green", `\n${file} holds none of them any more, and is otherwise as it was.`),
  );
  for (const line of nextSteps(target, out, names)) io.print(line);
  io.print(
    "Were they in Git, or did somebody else see the file? Then make new ones: the old ones are known.",
  );
}

function nextSteps(target: Target, out: string, names: readonly string[]): readonly string[] {
  if (target === "kubernetes")
    return [
      `\nWith manifests of your own: kubectl apply -n NAMESPACE -f ${out}, and in the Deployment's container:`,
      "  envFrom: [{ secretRef: { name: footbridge-secrets } }]",
      `With the overlays of k8s-fallback this file is of no use: kustomize makes the Secret of ${OVERLAY}, where --to env-file --out writes them.`,
    ];
  if (target === "env-file")
    return [
      `\nFor the container: docker run --env-file ${out}. The overlays of k8s-fallback take ${OVERLAY}: name it with --out.`,
    ];
  return [
    "\nFor the Worker, one by one (each asks for its value), or all of the file at once:",
    ...names.map((name) => `  npx wrangler secret put ${name}`),
    `  npx wrangler secret bulk ${out}`,
  ];
}
