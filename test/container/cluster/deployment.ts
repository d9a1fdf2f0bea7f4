/**
 * A Deployment's pods, brought from what they are to what the manifest says, as the controller does it. What is ending
 * counts no longer, even while it still runs: that a claim has one user at a time is the scheduler's to keep.
 */
import { setTimeout as wait } from "node:timers/promises";

import type { IDeployment } from "kubernetes-models/apps/v1";

import type { Ended, Pod } from "./pod.ts";

/** A pod that is wanted: it may still wait for its claim. */
interface Member {
  readonly revision: string;
  readonly pod: Promise<Pod>;
  /** Once it has started. */
  now?: Pod;
  ending: boolean;
}

/** Makes one pod of a revision; resolves when its program is started. */
type MakePod = (deployment: IDeployment) => Promise<Pod>;

const LOOK_EVERY_MS = 50;

/** How many pods. */
function share(value: string | number | undefined, absent: number): number {
  if (typeof value === "string") throw new Error("percentages are not played here");
  return value ?? absent;
}

interface Rollout {
  /**
   * Resolves when all pods are of this revision and available, or something else is applied; rejects after the time that
   * it has for it.
   */
  apply(deployment: IDeployment, withinMs?: number): Promise<void>;
  /** Ends one pod, as `kubectl delete pod` does; `apply` makes the next. */
  end(pod: Pod): Promise<Ended>;
  /** Ends all pods. */
  remove(): Promise<void>;
}

export function startRollout(make: MakePod): Rollout {
  const members: Member[] = [];
  const readySince = new Map<Member, number>();
  /** Counts what is applied: what came before is of no more interest. */
  let latest = 0;

  const create = (deployment: IDeployment, revision: string): void => {
    const pod = make(deployment);
    const member: Member = { revision, pod, ending: false };
    members.push(member);
    pod.then(
      (it) => (member.now = it),
      // Told by whoever waits for it.
      () => undefined,
    );
  };
  const end = async (member: Member): Promise<Ended> => {
    member.ending = true;
    const ended = await (await member.pod).end();
    members.splice(members.indexOf(member), 1);
    return ended;
  };

  return {
    async apply(deployment, withinMs = 60_000) {
      const { replicas = 1, minReadySeconds = 0, strategy, template } = deployment.spec!;
      if (strategy?.type !== "RollingUpdate") throw new Error("only RollingUpdate is played here");
      const surge = share(strategy.rollingUpdate?.maxSurge, 1);
      const unavailable = share(strategy.rollingUpdate?.maxUnavailable, 1);
      const revision = JSON.stringify(template);
      const deadline = performance.now() + withinMs;
      const available = (member: Member): boolean => {
        if (member.now?.ready !== true) {
          readySince.delete(member);
          return false;
        }
        const since = readySince.get(member) ?? performance.now();
        readySince.set(member, since);
        return performance.now() - since >= minReadySeconds * 1000;
      };
      const own = (latest += 1);
      for (;;) {
        if (own !== latest) return;
        const living = members.filter(({ ending }) => !ending);
        const old = living.filter((member) => member.revision !== revision);
        const fresh = living.filter((member) => member.revision === revision);
        const good = living.filter(available);
        if (old.length === 0 && fresh.length === replicas && good.length === replicas) return;
        if (performance.now() > deadline) {
          const said = await Promise.all(
            fresh.map(async ({ now }) => (now === undefined ? "not started" : now.logs())),
          );
          throw new Error(`not rolled out within ${withinMs} ms:\n${said.join("\n")}`);
        }
        if (fresh.length < replicas && living.length < replicas + surge)
          create(deployment, revision);
        let spare = good.length - (replicas - unavailable);
        for (const member of old)
          if (!available(member)) void end(member);
          else if (spare > 0) {
            spare -= 1;
            void end(member);
          }
        for (const member of fresh.slice(replicas)) void end(member);
        await wait(LOOK_EVERY_MS);
      }
    },
    end: (pod) => end(members.find(({ now }) => now === pod)!),
    async remove() {
      latest += 1;
      await Promise.all(members.filter(({ ending }) => !ending).map(end));
      while (members.length > 0) await wait(LOOK_EVERY_MS);
    },
  };
}
