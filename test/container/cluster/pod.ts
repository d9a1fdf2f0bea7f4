/** The life of a pod of one container, as the kubelet leads it: started, probed, restarted in its place, ended. */
import { setTimeout as wait } from "node:timers/promises";

import type { IPodSpec } from "kubernetes-models/v1";

import { podman, podmanLogs } from "../machine/podman.ts";
import { probe } from "./probes.ts";
import { flagsOf, type Sources } from "./translate.ts";

export interface PodOptions {
  readonly name: string;
  readonly spec: IPodSpec;
  readonly image: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly namespace: string;
  readonly sources: Sources;
  /** Called when it is ready, or no longer, or has another address. */
  readonly changed: () => void;
  /** Called when a program has begun: its network is new. */
  readonly started: (pod: Pod) => Promise<void>;
  /** Called when it is gone for good. */
  readonly gone: () => void;
}

/** How a program ended. */
export interface Ended {
  readonly code: number;
  /** Whether a probe or an operator wanted it so. */
  readonly asked: boolean;
}

export interface Pod {
  readonly name: string;
  readonly spec: IPodSpec;
  readonly labels: Readonly<Record<string, string>>;
  readonly namespace: string;
  /** Undefined while no program runs. */
  readonly ip: string | undefined;
  readonly ready: boolean;
  readonly terminating: boolean;
  /** Programs that ended, oldest first. */
  readonly ends: readonly Ended[];
  /** From the start of the first program until it was ready. */
  readonly readyAfterMs: number | undefined;
  /** Of its program, undefined while none runs. */
  readonly pid: number | undefined;
  /** All that it wrote, of all its programs. */
  logs(): Promise<string>;
  /** Runs a program of the image beside its own; its output. */
  execute(command: readonly string[]): Promise<string>;
  /** Whether a probe failed so often that the kubelet is ending the program now. */
  readonly givenUp: boolean;
  /** From outside, such as KILL; the kubelet starts it again when it has ended. */
  signal(name: "SIGKILL" | "SIGSTOP" | "SIGCONT"): void;
  /** Ended for good; resolves when it is gone, with how. */
  end(): Promise<Ended>;
}

const ADDRESS = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}";

/** The kubelet waits 10 s from the second restart on; tests would only be longer. */
const RESTART_MS = 100;

export async function startPod(options: PodOptions): Promise<Pod> {
  const { name, spec, image, labels, namespace, sources, changed } = options;
  const [container] = spec.containers;
  const port = container!.ports![0]!.containerPort;
  const ended: Ended[] = [];
  let ip: string | undefined;
  let pid: number | undefined;
  let ready = false;
  let readyAfterMs: number | undefined;
  let terminating = false;
  let wanted = false;
  let probes = new AbortController();
  let running: Promise<void> = Promise.resolve();
  const bornAt = performance.now();

  const setReady = (now: boolean): void => {
    if (now === ready) return;
    ready = now;
    if (ready) readyAfterMs ??= performance.now() - bornAt;
    changed();
  };
  /** Ended where it does not answer as it should; it is then started again. */
  const giveUp = (): void => {
    if (wanted) return;
    wanted = true;
    void stopProgram();
  };
  const startProbes = (): void => {
    probes = new AbortController();
    const base = `http://${ip}:${port}`;
    const { signal } = probes;
    const sick = (good: boolean): void => {
      if (!good) giveUp();
    };
    const afterStart = (): void => {
      if (container!.livenessProbe) void probe(container!.livenessProbe, base, signal, sick);
      if (container!.readinessProbe) void probe(container!.readinessProbe, base, signal, setReady);
    };
    if (!container!.startupProbe) return afterStart();
    const startup = new AbortController();
    signal.addEventListener("abort", () => startup.abort());
    void probe(container!.startupProbe, base, startup.signal, (good) => {
      startup.abort();
      if (good) afterStart();
      else giveUp();
    });
  };
  /** preStop, SIGTERM, and SIGKILL when the grace period, which counts from here, is over. */
  const stopProgram = async (): Promise<void> => {
    const { preStop, ...others } = container!.lifecycle ?? {};
    if (Object.keys(others).length > 0) throw new Error("only preStop is played here");
    const preStopMs = (preStop?.sleep?.seconds ?? 0) * 1000;
    const graceMs = (spec.terminationGracePeriodSeconds ?? 30) * 1000 - preStopMs;
    await wait(preStopMs);
    await podman(["kill", "--signal", "TERM", name]).catch(() => undefined);
    const late = new AbortController();
    void wait(graceMs, undefined, { signal: late.signal }).then(
      () => podman(["kill", "--signal", "KILL", name]).catch(() => undefined),
      () => undefined,
    );
    await running;
    late.abort();
  };
  /** One program from its start to its end. */
  const runOnce = async (): Promise<void> => {
    await podman(["start", name]);
    // Nothing where it ended at once.
    const [address = "", id = "0"] = (
      await podman(["inspect", name, "--format", `${ADDRESS} {{.State.Pid}}`])
    ).split(" ");
    ip = address || undefined;
    pid = Number(id) || undefined;
    wanted = false;
    await options.started(pod);
    startProbes();
    changed();
  };
  const untilEnd = async (): Promise<void> => {
    const code = Number(await podman(["wait", name], { timeoutMs: 600_000 }));
    probes.abort();
    ip = undefined;
    pid = undefined;
    ended.push({ code, asked: wanted || terminating });
    setReady(false);
    changed();
  };

  await podman([
    "create",
    "--name",
    name,
    "--network",
    "podman",
    "--stop-timeout",
    "1",
    ...flagsOf(spec, sources),
    image,
  ]);
  const pod: Pod = {
    name,
    spec,
    labels,
    namespace,
    get ip() {
      return ip;
    },
    get ready() {
      return ready && !terminating;
    },
    get terminating() {
      return terminating;
    },
    get ends() {
      return ended;
    },
    get readyAfterMs() {
      return readyAfterMs;
    },
    get pid() {
      return pid;
    },
    logs: () => podmanLogs(name),
    execute: (command) => podman(["exec", name, ...command]),
    get givenUp() {
      return wanted;
    },
    signal(signal) {
      if (pid !== undefined) process.kill(pid, signal);
    },
    async end() {
      terminating = true;
      changed();
      await stopProgram();
      await alive;
      await podman(["rm", "-f", name]);
      options.gone();
      return ended.at(-1)!;
    },
  };
  await runOnce();
  const alive = (async () => {
    for (;;) {
      running = untilEnd();
      await running;
      if (terminating) return;
      await wait(RESTART_MS);
      if (terminating) return;
      await runOnce();
    }
  })();
  return pod;
}
