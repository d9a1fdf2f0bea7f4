/** The configuration file while the process runs, on a real disk. */
import {
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import type { Config } from "../../../src/core/config/config.ts";
import { openConfig } from "../../../src/hosts/node/reload.ts";

const textOf = (channel: string): string => `[slack.a]
[slack.b]
[[gateway]]
name="main"
enable=true
inout=[{account="slack.a",channel="${channel}"},{account="slack.b",channel="${channel}"}]
`;
const channelOf = (config: Config | undefined) => config?.gateways[0]?.legs[0]?.channel;

async function world(file: string, take: (config: Config) => Promise<void> = async () => {}) {
  const taken: (string | undefined)[] = [];
  const log: string[] = [];
  const note = (message: string) => void log.push(message);
  let now = 1_000;
  const stopping = new AbortController();
  const config = await openConfig({
    file,
    env: {},
    clock: () => (now += 1),
    log: { debug: note, info: note, warn: note, error: note },
    stopping: stopping.signal,
    async take(given) {
      await take(given);
      taken.push(channelOf(given));
    },
  });
  const looks = async (): Promise<void> => {
    await config.look();
    await config.look();
  };
  return { config, taken, log, looks, stopping };
}
const folder = () => mkdtempSync(join(tmpdir(), "footbridge-"));
const fileIn = (where: string, text: string): string => {
  const file = join(where, "matterbridge.toml");
  writeFileSync(file, text);
  return file;
};

describe("the configuration file of a running process", () => {
  it("is taken over once it has changed", async () => {
    const file = fileIn(folder(), textOf("one"));
    const { config, taken, looks } = await world(file);
    expect(channelOf(config.first)).toBe("one");
    writeFileSync(file, textOf("two"));
    await looks();
    expect(taken).toEqual(["two"]);
    await looks();
    expect(taken).toEqual(["two"]);
  });

  it("is left alone while it is being written", async () => {
    const file = fileIn(folder(), textOf("one"));
    const { config, taken } = await world(file);
    writeFileSync(file, textOf("half"));
    await config.look();
    writeFileSync(file, textOf("whole"));
    await config.look();
    expect(taken).toEqual([]);
    await config.look();
    expect(taken).toEqual(["whole"]);
  });

  it("is taken over when a ConfigMap's links are swapped", async () => {
    const where = folder();
    // As the kubelet does it: a folder for each version, and one link that is renamed over.
    for (const version of ["one", "two"]) {
      mkdirSync(join(where, `..${version}`));
      writeFileSync(join(where, `..${version}`, "matterbridge.toml"), textOf(version));
    }
    symlinkSync("..one", join(where, "..data"));
    symlinkSync("..data/matterbridge.toml", join(where, "matterbridge.toml"));
    const { taken, looks } = await world(join(where, "matterbridge.toml"));
    symlinkSync("..two", join(where, "..data_tmp"));
    renameSync(join(where, "..data_tmp"), join(where, "..data"));
    rmSync(join(where, "..one"), { recursive: true });
    await looks();
    expect(taken).toEqual(["two"]);
  });

  it("changes nothing where it says what it said", async () => {
    const file = fileIn(folder(), textOf("one"));
    const { taken, looks } = await world(file);
    utimesSync(file, 1, 1);
    await looks();
    expect(taken).toEqual([]);
  });

  it("is named with line and fix where it cannot be used, and what it said before counts", async () => {
    const file = fileIn(folder(), textOf("one"));
    const { config, taken, log, looks } = await world(file);
    writeFileSync(file, textOf("two").replace("slack.b", "irc.b").replace('"slack.b"', '"irc.b"'));
    await looks();
    expect(taken).toEqual([]);
    const { since, refused } = config.report();
    expect(since).toBeLessThan(refused!.since);
    expect(refused!.errors).toEqual([expect.stringMatching(/matterbridge\.toml:6: .*irc\.b/u)]);
    expect(log).toContainEqual(expect.stringMatching(/matterbridge\.toml:6: .*irc\.b/u));
    expect(log.at(-1)).toContain("was not taken over");
  });

  it("is well again once it is mended", async () => {
    const file = fileIn(folder(), textOf("one"));
    const { config, taken, looks } = await world(file);
    writeFileSync(file, "[[gateway");
    await looks();
    writeFileSync(file, textOf("three"));
    await looks();
    expect([taken, config.report().refused]).toEqual([["three"], undefined]);
  });

  it("that is gone is told, and what it said counts", async () => {
    const file = fileIn(folder(), textOf("one"));
    const { config, taken, looks } = await world(file);
    rmSync(file);
    await looks();
    expect([taken, config.report().refused?.errors]).toEqual([
      [],
      [expect.stringContaining("ENOENT")],
    ]);
  });

  it("that cannot be read any more is told once, and what it said counts", async () => {
    const file = fileIn(folder(), textOf("one"));
    const { config, taken, log, looks } = await world(file);
    rmSync(file);
    mkdirSync(file);
    await looks();
    await looks();
    expect([taken, config.report().refused?.errors]).toEqual([
      [],
      [expect.stringContaining("EISDIR")],
    ]);
    expect(log.filter((line) => line.includes("was not taken over"))).toHaveLength(1);
  });

  it("that cannot even be looked at is told once", async () => {
    const file = fileIn(folder(), textOf("one"));
    const { config, log, looks } = await world(file);
    rmSync(file);
    symlinkSync(file, file);
    await looks();
    await looks();
    expect(config.report().refused?.errors).toEqual([expect.stringContaining("ELOOP")]);
    expect(log.filter((line) => line.includes("was not taken over"))).toHaveLength(1);
  });

  it("is well again once it is back as it was", async () => {
    const file = fileIn(folder(), textOf("one"));
    const { config, looks } = await world(file);
    rmSync(file);
    await looks();
    writeFileSync(file, textOf("one"));
    await looks();
    expect(config.report().refused).toBeUndefined();
  });

  it("is told as refused though the version before was still being taken over when it came", async () => {
    const file = fileIn(folder(), textOf("one"));
    const [begun, slow] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const { config, taken, looks } = await world(file, () => {
      begun.resolve();
      return slow.promise;
    });
    writeFileSync(file, textOf("two"));
    await config.look();
    const taking = config.look();
    await begun.promise;
    writeFileSync(file, "[[gateway");
    await looks();
    slow.resolve();
    await taking;
    await looks();
    expect([taken, config.report().refused?.errors]).toEqual([["two"], [expect.any(String)]]);
  });

  it("is told as refused when nothing can work by it", async () => {
    const file = fileIn(folder(), textOf("one"));
    const fails = () => Promise.reject(new Error("the disk is full"));
    const { config, looks } = await world(file, fails);
    writeFileSync(file, textOf("two"));
    await looks();
    expect(config.report().refused?.errors).toEqual(["the disk is full"]);
  });

  it("is taken over on demand though it is the same", async () => {
    const { config, taken } = await world(fileIn(folder(), textOf("one")));
    await config.reload();
    expect(taken).toEqual(["one"]);
  });

  it("is refused with the line where it is not UTF-8, also at a start", async () => {
    const file = fileIn(folder(), textOf("one"));
    const { config, taken, looks } = await world(file);
    writeFileSync(file, Buffer.from(textOf("caf\u00e9"), "latin1"));
    await looks();
    const said = "matterbridge.toml:6: a sign that is not UTF-8: save the file as UTF-8";
    expect([taken, config.report().refused?.errors]).toEqual([[], [expect.stringContaining(said)]]);
    await expect(world(file)).rejects.toThrow(said);
  });

  it("does not matter any more once the process was told to stop", async () => {
    const file = fileIn(folder(), textOf("one"));
    const { config, taken, log, stopping } = await world(file);
    stopping.abort();
    writeFileSync(file, "[[gateway");
    await config.reload();
    expect([taken, log, config.report().refused]).toEqual([[], [], undefined]);
  });

  it("is no news where the stop came while it was being taken over", async () => {
    const { config, log, stopping } = await world(fileIn(folder(), textOf("one")), () => {
      stopping.abort();
      return Promise.reject(new Error("the process stops"));
    });
    await config.reload();
    expect([log, config.report().refused]).toEqual([[], undefined]);
  });
});
