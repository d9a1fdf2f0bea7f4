/**
 * Where containers may run and leave nothing: namespaces that end with the process that they were made for. Bridges,
 * firewall rules and mounts exist only inside. There is no way out to other networks.
 */
import { spawn } from "node:child_process";

import { RUN_FOLDER } from "./podman.ts";

/** Podman keeps locks and states in these. */
const PRIVATE = `
mkdir -p ${RUN_FOLDER} /dev/shm
for place in /run /dev/shm ${RUN_FOLDER}; do mount -t tmpfs tmpfs "$place"; done
`;
/** The container runtime refuses some machines' cgroup trees, so it sees an empty one. */
const ISOLATED = `
umount -R -l /sys 2>/dev/null || true
mount -t sysfs -o ro sysfs /sys
mount -t tmpfs -o mode=755 tmpfs /sys/fs/cgroup
${PRIVATE}
mount -t tmpfs tmpfs /var/lib
mkdir -p /run/lock /run/netns /var/lib/cni
ip link set lo up
`;

const enter = (
  flags: readonly string[],
  script: string,
  command: readonly string[],
): Promise<number> =>
  new Promise((resolve, reject) => {
    const args = [
      ...flags,
      "--propagation",
      "private",
      "sh",
      "-ec",
      `${script}exec "$@"`,
      "sh",
      ...command,
    ];
    const child = spawn("unshare", args, { stdio: "inherit" });
    child.once("error", reject);
    child.once("exit", (code) => resolve(code ?? 1));
  });

/** With the machine's network, for building. Resolves with the exit code. */
export const withOwnMounts = (command: readonly string[]): Promise<number> =>
  enter(["--mount"], PRIVATE, command);

/** With a network and processes of its own, for running. Resolves with the exit code. */
export const isolated = (command: readonly string[]): Promise<number> =>
  enter(["--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc"], ISOLATED, command);
