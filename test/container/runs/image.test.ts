/** The image that the unmodified Dockerfile makes. */
import {
  closeSync,
  globSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
} from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { builds, IMAGE } from "../machine/build.ts";
import { podman } from "../machine/podman.ts";

const PROJECT = join(import.meta.dirname, "../../..");
const LIMIT_MB = 170;
/** The machine that an ELF file is for, by the number at its byte 18. */
const ELF_MACHINES: Readonly<Record<number, string>> = { 62: "amd64", 183: "arm64" };

interface Inspected {
  readonly Id: string;
  readonly Architecture: string;
  readonly Size: number;
  readonly RootFS: { readonly Layers: readonly string[] };
  readonly Config: {
    readonly User: string;
    readonly Entrypoint: readonly string[];
    readonly ExposedPorts: object;
    readonly Volumes: object;
    readonly Env: readonly string[];
    readonly Labels: Readonly<Record<string, string>>;
  };
}

const inspect = async (name: string): Promise<Inspected> =>
  (JSON.parse(await podman(["image", "inspect", name])) as [Inspected])[0];

/** Undefined where it is none. */
function elfMachine(file: string): string | undefined {
  const head = Buffer.alloc(20);
  const fd = openSync(file, "r");
  readSync(fd, head, 0, head.length, 0);
  closeSync(fd);
  const isElf = head.subarray(1, 4).toString() === "ELF";
  return isElf ? ELF_MACHINES[head.readUInt16LE(18)] : undefined;
}

describe("the image", () => {
  let root = "";
  let files: readonly string[] = [];
  beforeAll(async () => {
    root = await podman(["image", "mount", IMAGE]);
    files = readdirSync(root, { recursive: true, encoding: "utf8" });
  });
  afterAll(() => podman(["image", "unmount", IMAGE]));

  const plain = (file: string): boolean => lstatSync(join(root, file)).isFile();

  it(`is smaller than ${LIMIT_MB} MB`, async () => {
    const { Size } = await inspect(IMAGE);
    console.log(`the image has ${(Size / 1e6).toFixed(1)} MB, ${files.length} files`);
    expect(Size / 1e6).toBeLessThan(LIMIT_MB);
  });

  it("starts the host as a user without a name or a right, and says what it is", async () => {
    const { Config } = await inspect(IMAGE);
    const { version } = JSON.parse(readFileSync(join(PROJECT, "package.json"), "utf8")) as {
      version: string;
    };
    expect(Config.User).toBe("65532:65532");
    expect(Config.Entrypoint).toEqual(["/nodejs/bin/node", "/app/src/hosts/node/main.ts"]);
    expect(Object.keys(Config.ExposedPorts)).toEqual(["8080/tcp"]);
    expect(Object.keys(Config.Volumes)).toEqual(["/var/lib/footbridge"]);
    expect(Config.Labels).toMatchObject({
      "org.opencontainers.image.title": "Footbridge",
      "org.opencontainers.image.licenses": "MIT",
      "org.opencontainers.image.version": version,
      "org.opencontainers.image.revision": "unknown",
    });
  });

  it("has one Node, no npm and no shell", () => {
    const named = (names: RegExp): readonly string[] =>
      files.filter((file) => names.test(file) && plain(file));
    const big = files.filter((file) => plain(file) && lstatSync(join(root, file)).size > 20e6);
    expect(big).toEqual(["nodejs/bin/node"]);
    expect(named(/(?:^|\/)(?:node|nodejs)$/u)).toEqual(["nodejs/bin/node"]);
    expect(named(/(?:^|\/)(?:npm|npx|sh|bash|dash|busybox|apt|apt-get|dpkg)$/u)).toEqual([]);
  });

  it("has the production dependencies of the lock file, and no others", () => {
    const { packages } = JSON.parse(readFileSync(join(PROJECT, "package-lock.json"), "utf8")) as {
      packages: Record<string, { dev?: boolean; optional?: boolean; devOptional?: boolean }>;
    };
    const wanted = Object.entries(packages).flatMap(([path, { dev, optional, devOptional }]) =>
      path === "" || dev === true || optional === true || devOptional === true ? [] : [path],
    );
    const there = globSync("app/**/node_modules/{*,@*/*}/package.json", { cwd: root }).map((file) =>
      file.replace(/^app\//u, "").replace(/\/package\.json$/u, ""),
    );
    expect(there.sort()).toEqual(wanted.sort());
  });

  it("has nothing of the checkout but the sources that the host is made of", () => {
    expect(readdirSync(join(root, "app")).sort()).toEqual(["node_modules", "package.json", "src"]);
    expect(readdirSync(join(root, "app/src"))).not.toContain("sandbox");
    expect(readdirSync(join(root, "app/src/hosts")).sort()).toEqual(["node", "shared"]);
  });

  it("can be changed by nobody who runs in it, but for the data", () => {
    const writable = files.filter((file) => {
      const { mode, uid } = lstatSync(join(root, file));
      return /^(?:app|nodejs)(?:\/|$)/u.test(file) && (uid !== 0 || (mode & 0o22) !== 0);
    });
    expect(writable).toEqual([]);
    expect(lstatSync(join(root, "var/lib/footbridge")).uid).toBe(65532);
  });

  it("has nothing that is made for one kind of processor but what its base brings", () => {
    const compiled = files.filter(
      (file) =>
        file.startsWith("app/") && plain(file) && elfMachine(join(root, file)) !== undefined,
    );
    expect(compiled).toEqual([]);
  });

  it("is the same to the bit when it is built again from nothing", () => {
    const { image, again } = builds();
    expect(again.id).toBe(image.id);
  });

  it("is built for the other architecture too: that one's Node, the same layers above it", async () => {
    const { image, other } = builds();
    const [here, there] = [await inspect(image.name), await inspect(other.name)];
    expect(there.Architecture).toBe(other.architecture);
    expect(there.RootFS.Layers.slice(1)).toEqual(here.RootFS.Layers.slice(1));
    expect(there.RootFS.Layers[0]).not.toBe(here.RootFS.Layers[0]);
    const mounted = await podman(["image", "mount", other.name]);
    expect(elfMachine(join(mounted, "nodejs/bin/node"))).toBe(other.architecture);
    await podman(["image", "unmount", other.name]);
  });
});
