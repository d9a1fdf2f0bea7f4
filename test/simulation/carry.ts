/** Carries files between the modelled services, as far as it matters here: what is asked of whom, and what fails. */
import type { AccountId } from "../../src/core/ids.ts";
import type { Carried, CarryFile, Connector, Http } from "../../src/core/ports.ts";

/** The outcome that a `CallFailed` carries: classes differ between loads of the bridge's code, so that this looks at the shape. */
const outcomeOf = (error: unknown): { kind: string; reason: string } | undefined =>
  error instanceof Error && "outcome" in error
    ? (error.outcome as { kind: string; reason: string })
    : undefined;

export function createCarry(
  account: AccountId,
  httpOf: (account: AccountId) => Http,
  connectorOf: (account: AccountId) => Connector | undefined,
): CarryFile {
  return async (file, { from }, to): Promise<Carried> => {
    try {
      const source = await connectorOf(from)?.file?.(file);
      if (source === undefined) return { kind: "failed", reason: "no files here", lasting: true };
      const { status, body } = await httpOf(from)(source.request);
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
    }
  };
}
