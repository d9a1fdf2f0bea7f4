/**
 * The README's quick start, followed line by line in an empty folder against the services of the sandbox. A line runs as it
 * is, or stands below with what is done in its place where it needs the real Slack, Matrix or Cloudflare; a line that is
 * neither fails.
 */
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import {
  appendFileSync,
  cpSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { parseVars } from "../src/cli/dev-vars.ts";
import { type Sandbox, startSandbox } from "../src/sandbox/server.ts";
import { type RunningWorker, startWorker } from "../src/sandbox/worker.ts";
import { seenAtMatrix, seenAtSlack, until } from "./scenarios/hosts.ts";

const ROOT = join(import.meta.dirname, "..");
/** What is not of the repository. */
const OWN = /^(?:node_modules|\.git|\.wrangler|\.dev\.vars|data)$/u;

/** The commands of a section, in their order, without what is said of them. */
function linesOf(section: string): readonly string[] {
  const [, after = ""] = readFileSync(join(ROOT, "README.md"), "utf8").split(`\n## ${section}\n`);
  const text = after.split(/\n##+ /u)[0]!;
  return [...text.matchAll(/^ *```sh\n(.*?)^ *```/gmsu)].flatMap(([, block = ""]) =>
    block
      .trimEnd()
      .split("\n")
      .map((line) => line.replace(/ +#.*$/u, "").trim()),
  );
}

interface Ran {
  readonly code: number;
  readonly said: string;
}
/** Where the address is that the deploy prints. */
const ADDRESS = "https://footbridge.<your-subdomain>.workers.dev";

let folder: string;
let sandbox: Sandbox;
let worker: RunningWorker | undefined;
/** What the Worker has, with its values. */
const secrets: Record<string, string> = {};
const GITTER = "MATTERBRIDGE_GITTER_MYGITTER_TOKEN";
const NEEDED = [
  "MATTERBRIDGE_SLACK_MYTEAM_TOKEN",
  "MATTERBRIDGE_SLACK_MYTEAM_SIGNINGSECRET",
  GITTER,
];
const valueOf = (name: string): string => {
  if (name.endsWith("_SIGNINGSECRET")) return sandbox.slack.seed.signingSecret;
  if (name.endsWith("_APPTOKEN")) return sandbox.slack.seed.appToken;
  if (name.startsWith("MATTERBRIDGE_SLACK_")) return sandbox.slack.seed.token;
  return sandbox.matrix.seed.token;
};

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "footbridge-"));
  cpSync(ROOT, folder, {
    recursive: true,
    filter: (from) => !OWN.test(relative(ROOT, from).split("/")[0]!),
  });
  sandbox = await startSandbox({
    eventsUrl: () => (worker === undefined ? undefined : `${worker.url}/slack/myteam/events`),
  });
});
afterAll(async () => {
  await worker?.dispose();
  await sandbox.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Runs it as a shell would in that folder, without what this machine knows of any Footbridge. */
async function run(line: string): Promise<Ran> {
  const kept = ["PATH", "HOME", "TMPDIR"].flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  try {
    const { stdout, stderr } = await promisify(execFile)("sh", ["-c", line], {
      cwd: folder,
      env: { ...Object.fromEntries(kept), NO_COLOR: "1", CI: "true" },
      timeout: 60_000,
    });
    return { code: 0, said: stdout + stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, said: stdout + stderr };
  }
}

/** Deploys: to workerd, in the place of Cloudflare's network. */
async function deploy(): Promise<void> {
  await worker?.dispose();
  worker = await startWorker({
    project: folder,
    config: readFileSync(join(folder, "matterbridge.toml"), "utf8"),
    env: secrets,
  });
}

/** Gives the exit code and what was said; undefined where nothing was run. */
type Step = (line: string) => Promise<Ran | void>;
const asItIs: Step = run;
/** What other tests are for. */
const elsewhere: Step = async () => undefined;

const STEPS: Readonly<Record<string, Step>> = {
  // What it installs is here already; the demo has its own test, in a browser.
  "npm ci && npm run demo": async () =>
    symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules")),
  "npm ci && npm test": elsewhere,
  // The questions are asked on a terminal; in the place of the real Slack is the sandbox's.
  "npm run footbridge -- init": async (line) => {
    const answers = `--slack-channel general --room footbridge/lobby --server ${sandbox.matrixUrl}`;
    const ran = await run(`${line} ${answers}`);
    atSandbox("matterbridge.toml");
    return ran;
  },
  "npm run footbridge -- check": async (line) => {
    const ran = await run(line);
    expect(NEEDED.filter((name) => !ran.said.includes(name))).toEqual([]);
    return ran;
  },
  "npm run footbridge -- plan": asItIs,
  // Needs a browser and a homeserver's own login.
  "npm run footbridge -- matrix-login https://matrix.org": async () => keep(GITTER),
  "npx wrangler login": elsewhere,
  // All of it but the upload.
  "npm run deploy": async () => {
    const { scripts } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as {
      scripts: { deploy: string };
    };
    const [guard, check, upload, urls, ...more] = scripts.deploy.split(" && ");
    expect([upload, more]).toEqual(["wrangler deploy", []]);
    const checked = await run(`${guard} && ${check}`);
    await deploy();
    const told = await run(urls!);
    return { code: checked.code || told.code, said: checked.said + told.said };
  },
  // The sandbox's Slack has the app already.
  [`npm run footbridge -- slack-app --url ${ADDRESS}`]: (line) =>
    run(line.replace(ADDRESS, "https://footbridge.ann.workers.dev")),
  // With all secrets Cloudflare starts it anew; then *Retry* at Slack, and the cron.
  "npx wrangler secret bulk .dev.vars": async () => {
    for (const name of ["TOKEN", "SIGNINGSECRET"]) keep(`MATTERBRIDGE_SLACK_MYTEAM_${name}`);
    Object.assign(secrets, parseVars(readFileSync(join(folder, ".dev.vars"), "utf8")));
    await deploy();
    expect(await sandbox.slack.verifyUrl()).toMatchObject({ status: 200 });
    await worker!.scheduled();
  },
  // Is the sandbox's at the address of the Worker here. What it checks with is in .dev.vars.
  [`npm run footbridge -- check --live --url ${ADDRESS}`]: (line) =>
    run(line.replace(ADDRESS, worker!.url)),
};
/** Of the container; its image and Kubernetes are `npm run test:container`. */
const CONTAINER: Readonly<Record<string, Step>> = {
  "npm start": (line) => start(line, secrets),
  "docker build -f k8s-fallback/Dockerfile -t footbridge .": elsewhere,
  "cp k8s-fallback/overlays/single/secrets.env.example secrets.env": asItIs,
  "docker run -p 8080:8080 -v footbridge-data:/var/lib/footbridge -v $PWD/matterbridge.toml:/matterbridge.toml --env-file secrets.env footbridge":
    elsewhere,
  "kubectl apply -k k8s-fallback/overlays/single": elsewhere,
};

/** Until it is ready to be reached; then it is told to end. */
async function start(line: string, env: Readonly<Record<string, string>>): Promise<Ran> {
  const child = spawn("sh", ["-c", line], {
    cwd: folder,
    env: { ...process.env, ...env, PORT: "0", HOST: "127.0.0.1" },
    stdio: ["ignore", "pipe", "inherit"],
    // With all that it starts.
    detached: true,
  });
  const closed = once(child, "close") as Promise<[number]>;
  const said: string[] = [];
  createInterface({ input: child.stdout }).on("line", (text) => {
    said.push(text);
    if (text.includes('"Footbridge is ready"')) process.kill(-child.pid!, "SIGTERM");
  });
  const [code] = await closed;
  return { code, said: said.join("\n") };
}

/** In the place of the real Slack is the sandbox's. */
function atSandbox(name: string): void {
  const file = join(folder, name);
  const text = readFileSync(file, "utf8");
  expect(text).toContain("[slack.myteam]\n");
  writeFileSync(
    file,
    text.replace("[slack.myteam]\n", `[slack.myteam]\nAPIURL = "${sandbox.slackApiUrl}"\n`),
  );
}

/** Puts a secret into `.dev.vars`, as its owner would. */
function keep(name: string): void {
  const file = join(folder, ".dev.vars");
  const text = readFileSync(file, "utf8");
  const line = `${name}=${valueOf(name)}`;
  const at = new RegExp(`^${name}=.*$`, "mu");
  if (at.test(text))
    writeFileSync(
      file,
      text.replace(at, () => line),
    );
  else appendFileSync(file, `${line}\n`);
}

const lines = [...linesOf("Try it"), ...linesOf("Quick start")];

describe("the README's quick start", () => {
  it("has no line that is not tried", () => {
    expect(lines.length).toBeGreaterThan(10);
    expect(lines.filter((line) => STEPS[line] === undefined)).toEqual([]);
    expect(Object.keys(STEPS).filter((line) => !lines.includes(line))).toEqual([]);
  });

  it("leads from an empty folder to messages both ways", async () => {
    for (const line of lines) {
      const ran = await STEPS[line]!(line);
      if (ran !== undefined) expect([line, ran.said, ran.code]).toEqual([line, ran.said, 0]);
    }
    await until(sandbox, () => sandbox.matrix.polls() > 0);
    sandbox.slack.say("ada", "general", "the first message");
    await until(sandbox, () =>
      seenAtMatrix(sandbox).some((text) => text.includes("first message")),
    );
    sandbox.matrix.say("@mara:gitter.im", "footbridge/lobby", "and the answer");
    await until(sandbox, () => seenAtSlack(sandbox).some((text) => text.includes("the answer")));
    const status = await run(`npm run footbridge -- status --url ${worker!.url}`);
    expect([status.said, status.code]).toEqual([status.said, 0]);
  }, 120_000);
});

describe("the README's container", () => {
  it("has no line that is not tried", () => {
    expect(linesOf("Worker or container")).toEqual(Object.keys(CONTAINER));
  });

  it("starts in the same folder, and ends when it is told to", async () => {
    await worker?.dispose();
    worker = undefined;
    const { said } = (await CONTAINER["npm start"]!("npm start")) as Ran;
    expect(said).toContain('"stopped"');
  }, 60_000);

  it("starts by the line that init prints for Socket Mode, with what is in .dev.vars", async () => {
    rmSync(join(folder, ".dev.vars"));
    const answers = `--slack-channel general --room footbridge/lobby --server ${sandbox.matrixUrl}`;
    const { said: steps } = await run(
      `npm run footbridge -- init --socket-mode --conf socket.toml ${answers}`,
    );
    atSandbox("socket.toml");
    for (const name of ["TOKEN", "APPTOKEN"]) keep(`MATTERBRIDGE_SLACK_MYTEAM_${name}`);
    keep(GITTER);
    const line = /Start it with these secrets: (.+)$/mu.exec(steps)?.[1] ?? "";
    const { said } = await start(line, {});
    expect(said).toContain('"stopped"');
    expect(said).not.toContain("is not set");
  }, 60_000);
});
