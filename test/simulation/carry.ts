/** Carries files between the modelled services, as far as it matters here: what is asked of whom, and what fails. */
import type { AccountId } from "../../src/core/ids.ts";
import type { Carried, CarryFile, Connector, Http, Wait } from "../../src/core/ports.ts";

/** So long may its service take until its first byte. */
const BEGIN_MS = 5_000;

/** The outcome that a `CallFailed` carries: classes differ between loads of the bridge's code, so that this looks at the shape. */
const outcomeOf = (error: unknown): { kind: string; reason: string } | undefined =>
  error instanceof Error && "outcome" in error
    ? (error.outcome as { kind: string; reason: string })
    : undefined;

export function createCarry(
  account: AccountId,
  httpOf: (account: AccountId) => Http,
  connectorOf: (account: AccountId) => Connector | undefined,
  wait: Wait,
): CarryFile {
  return async (file, { from }, to): Promise<Carried> => {
    const { over, cancel } = wait(BEGIN_MS);
    const late = over.then(() => Promise.reject(new Error("no answer within 5 s")));
    late.catch(() => undefined);
    try {
      const source = await Promise.race([connectorOf(from)?.file?.(file), late]);
      if (source === undefined) return { kind: "failed", reason: "no files here", lasting: true };
      const { status, body } = await Promise.race([httpOf(from)(source.request), late]);
      cancel();
      if (status !== 200)
        return { kind: "failed", reason: `${status}`, lasting: status < 500 && status !== 429 };
      const head = {
        name: source.name,
        type: source.type ?? "application/octet-stream",
        size: body.length,
      };
      const answer = await httpOf(account)({ ...(await to(head)), body });
      return { kind: "answer", answer, head };
    } catch (error) {
      const outcome = outcomeOf(error);
      const lasting = outcome !== undefined && !["later", "uncertain"].includes(outcome.kind);
      return { kind: "failed", reason: outcome?.reason ?? String(error), lasting };
    } finally {
      cancel();
    }
  };
}
