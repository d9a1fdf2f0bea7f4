/** Pods of others: the same image, with a script in the place of Footbridge. */
import { podman } from "../machine/podman.ts";
import { IMAGE } from "../machine/build.ts";

export interface Guest {
  readonly name: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly ip: string;
  readonly pid: number;
}

const inspect = (name: string, format: string): Promise<string> =>
  podman(["inspect", name, "--format", format]);

const ADDRESS = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}";

/** `script` is JavaScript and runs until its pod ends. */
export async function startGuest(
  name: string,
  namespace: string,
  labels: Readonly<Record<string, string>>,
  script: string,
): Promise<Guest> {
  await podman([
    "run",
    "--detach",
    "--name",
    name,
    "--network",
    "podman",
    // Such as a name server's port.
    "--sysctl",
    "net.ipv4.ip_unprivileged_port_start=0",
    "--entrypoint",
    '["/nodejs/bin/node"]',
    IMAGE,
    "-e",
    script,
  ]);
  const ip = await inspect(name, ADDRESS);
  return {
    name,
    namespace,
    labels,
    ip,
    pid: Number(await inspect(name, "{{.State.Pid}}")),
  };
}
