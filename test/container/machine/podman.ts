/** Podman with settings of its own: nothing of the machine's is read or changed, and no cgroup is ever made. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { cacheFolder } from "../../cache.ts";
import { run, type RunOptions } from "./run.ts";

const HOME = cacheFolder("containers");
/** What belongs to running containers; `namespaces.ts` lays a fresh file system over it. */
export const RUN_FOLDER = join(HOME, "run");

const STORAGE = `[storage]
driver = "overlay"
graphroot = "${join(HOME, "storage")}"
runroot = "${RUN_FOLDER}"
`;
/** Without cgroups no memory limit holds; with them podman would write into the machine's own tree. */
const CONTAINERS = `[containers]
cgroups = "disabled"
cgroupns = "host"
log_driver = "k8s-file"
netns = "host"
default_ulimits = ["nofile=4096:4096", "nproc=8192:8192"]
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
runtime = "crun"
`;

let settings: Readonly<Record<string, string>> | undefined;

function environment(): Readonly<Record<string, string>> {
  if (settings !== undefined) return settings;
  mkdirSync(RUN_FOLDER, { recursive: true });
  const storage = join(HOME, "storage.conf");
  const containers = join(HOME, "containers.conf");
  writeFileSync(storage, STORAGE);
  writeFileSync(containers, CONTAINERS);
  return (settings = { CONTAINERS_STORAGE_CONF: storage, CONTAINERS_CONF: containers });
}

/** What it printed. */
export const podman = (args: readonly string[], options: RunOptions = {}): Promise<string> =>
  run("podman", args, { ...options, env: { ...environment(), ...options.env } });

/** Both of a container's outputs. */
export const podmanLogs = (name: string): Promise<string> =>
  run("sh", ["-c", 'podman logs "$1" 2>&1', "sh", name], { env: environment() });
