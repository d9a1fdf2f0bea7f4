/** What of the machine the container tests need. */
import { spawnSync } from "node:child_process";

/** Program -> Debian's package. */
const NEEDED: Readonly<Record<string, string>> = {
  podman: "podman",
  crun: "crun",
  conmon: "conmon",
  ip: "iproute2",
  iptables: "iptables",
  nsenter: "util-linux",
  unshare: "util-linux",
  "dpkg-deb": "dpkg",
};

/** Fails with all that is missing at once. */
export function requirePrograms(): void {
  if (process.platform !== "linux" || process.getuid?.() !== 0)
    throw new Error("test:container needs Linux and root: namespaces, bridges and mounts are made");
  const missing = Object.entries(NEEDED).flatMap(([program, pack]) =>
    spawnSync("sh", ["-c", `command -v ${program}`]).status === 0 ? [] : [pack],
  );
  if (missing.length > 0)
    throw new Error(
      `test:container needs more programs; on Debian: apt-get install ${[...new Set(missing)].join(" ")}`,
    );
}
