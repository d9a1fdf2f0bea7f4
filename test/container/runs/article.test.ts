/** The two ways of the article by which a Matterbridge was run in a container; they are to fit as they are. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";

import { type Sandbox, startSandbox } from "../../../src/sandbox/server.ts";
import { configOf, seenAtGitter } from "../../scenarios/hosts.ts";
import { addAddresses, INTERNET } from "../cluster/addresses.ts";
import { IMAGE } from "../machine/build.ts";
import { podman, podmanLogs } from "../machine/podman.ts";
import { until } from "./bridge.ts";

const DERIVED = "localhost/footbridge:derived";
const NAME = "article";

describe("a matterbridge.toml of old, with its tokens in it", () => {
  let sandbox: Sandbox;
  let folder = "";
  let url: string | undefined;
  beforeAll(async () => {
    await addAddresses();
    sandbox = await startSandbox({
      host: INTERNET,
      eventsUrl: () => url,
    });
    folder = mkdtempSync(join(tmpdir(), "footbridge-article-"));
    chmodSync(folder, 0o755);
    const { slack, gitter } = sandbox;
    const config = configOf(sandbox)
      .replace(
        "[slack.team]",
        `$&\nToken="${slack.seed.token}"\nSigningSecret="${slack.seed.signingSecret}"`,
      )
      .replace("[gitter.g]", `$&\nToken="${gitter.seed.token}"`);
    writeFileSync(join(folder, "matterbridge.toml"), config);
    writeFileSync(join(folder, "Dockerfile"), `FROM ${IMAGE}\nADD matterbridge.toml .\n`);
  });
  afterEach(() => podman(["rm", "-f", "-v", "-t", "0", NAME]));
  afterAll(async () => {
    await sandbox?.close();
    await podman(["rmi", "-f", DERIVED]).catch(() => undefined);
    rmSync(folder, { recursive: true, force: true });
  });

  /** Runs it, and says something. */
  async function relays(flags: readonly string[], text: string): Promise<void> {
    await podman(["run", "--detach", "--name", NAME, "--network", "podman", ...flags]);
    const format = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}";
    const ip = await podman(["inspect", NAME, "--format", format]);
    url = `http://${ip}:8080/slack/team/events`;
    const isReady = (): Promise<boolean> =>
      fetch(`http://${ip}:8080/readyz`).then(
        ({ ok }) => ok,
        () => false,
      );
    await until("it is ready", isReady, () => podmanLogs(NAME));
    sandbox.slack.say("ada", "general", text);
    const seen = (): readonly string[] => seenAtGitter(sandbox);
    await until(
      "it is relayed",
      () => seen().includes(`Ada ${text}`),
      () => podmanLogs(NAME),
    );
  }
  const mounted = (at: string): readonly string[] => [
    "--volume",
    `${join(folder, "matterbridge.toml")}:${at}:ro`,
  ];

  it("is run by `docker run -v .../matterbridge.toml:/matterbridge.toml IMAGE`", async () => {
    await relays([...mounted("/matterbridge.toml"), IMAGE], "mounted");
    expect(await podmanLogs(NAME)).toContain('"config":"/matterbridge.toml"');
  });

  it("is run by an image made with `FROM IMAGE` and `ADD matterbridge.toml .`", async () => {
    const flags = ["--pull=never", "--isolation=chroot", "--network=host", "--quiet"];
    await podman(["build", ...flags, "-t", DERIVED, folder]);
    await relays([DERIVED], "added");
  });

  it("is run with a root that is read-only, and its volume is where it writes", async () => {
    const readOnly = ["--read-only", "--read-only-tmpfs=false", "--cap-drop=all"];
    await relays([...readOnly, ...mounted("/etc/matterbridge/matterbridge.toml"), IMAGE], "sealed");
  });

  it("is run where Matterbridge's own argument names it", async () => {
    await relays([...mounted("/mine.toml"), IMAGE, "-conf", "/mine.toml"], "named");
  });
});
