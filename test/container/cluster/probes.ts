/** Probes as the kubelet makes them: one after another, a period apart, by HTTP from the node. */
import { setTimeout as wait } from "node:timers/promises";

import type { IProbe } from "kubernetes-models/v1";

/** Whether one request was answered as a probe wants. */
async function asked(url: string, timeoutSeconds: number): Promise<boolean> {
  try {
    const signal = AbortSignal.timeout(timeoutSeconds * 1000);
    const headers = { connection: "close", "user-agent": "kube-probe/1.34" };
    const { status } = await fetch(url, { signal, headers, redirect: "manual" });
    return status >= 200 && status < 400;
  } catch {
    return false;
  }
}

/**
 * Probes until `signal` aborts. `changed` gets true after enough successes and false after enough failures in a row, at
 * every such probe.
 */
export async function probe(
  spec: IProbe,
  base: string,
  signal: AbortSignal,
  changed: (succeeds: boolean) => void,
): Promise<void> {
  const { httpGet, periodSeconds = 10, timeoutSeconds = 1, initialDelaySeconds = 0 } = spec;
  const { failureThreshold = 3, successThreshold = 1, ...rest } = spec;
  for (const field of Object.keys(rest))
    if (!["httpGet", "periodSeconds", "timeoutSeconds", "initialDelaySeconds"].includes(field))
      throw new Error(`a probe's ${field} is not played here`);
  await wait(initialDelaySeconds * 1000, undefined, { signal }).catch(() => undefined);
  let successes = 0;
  let failures = 0;
  while (!signal.aborted) {
    const good = await asked(`${base}${httpGet!.path}`, timeoutSeconds);
    if (signal.aborted) return;
    successes = good ? successes + 1 : 0;
    failures = good ? 0 : failures + 1;
    if (successes >= successThreshold) changed(true);
    else if (failures >= failureThreshold) changed(false);
    await wait(periodSeconds * 1000, undefined, { signal }).catch(() => undefined);
  }
}
