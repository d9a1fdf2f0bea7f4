/** One notice on its way into `AdminChannel`: what of it is written is not written again. */
import { plain } from "../content.ts";
import { type DeliveryKey, deliveryKey, laneId } from "../ids.ts";
import type { AdminChannel } from "../config/config.ts";
import { type Call, CallFailed, type Connector, type Outcome } from "../ports.ts";
import { soleSpan } from "../span.ts";
import { stallOf, type State } from "../state.ts";

export type Posted =
  /** All of it was written, or what was not never will be. */
  { readonly kind: "said" } | (Unsaid & { readonly kind: "later" });

interface Unsaid {
  readonly reason: string;
  readonly retryAfterMs?: number;
}

export interface Post {
  /** Some of a notice may be there: the next `send` goes on with that one, whatever it is given. */
  isBegun(): boolean;
  send(lines: readonly string[]): Promise<Posted>;
}

interface Part {
  readonly call: Call;
  readonly key: DeliveryKey;
  /** When it was tried and may have been written, ms. */
  unsureSince?: number;
}

const CLOCKS_MS = 60_000;
const MAY_BE = "a notice may be missing in AdminChannel";

export function createPost(state: State, admin: AdminChannel): Post {
  const lane = laneId(admin.account, admin.channel);
  let parts: Part[] = [];
  let begun = false;

  /** Undefined once there is nothing more to be done about the part. */
  async function write(connector: Connector, part: Part): Promise<Unsaid | undefined> {
    const { call, key, unsureSince } = part;
    if (unsureSince !== undefined && (await isThere(connector, part, unsureSince)))
      return undefined;
    const outcome = await connector.call(call, key);
    switch (outcome.kind) {
      case "done":
        return undefined;
      case "rejected":
        state.log.warn("a notice was refused in AdminChannel", { lane, reason: outcome.reason });
        return undefined;
      case "uncertain":
        if (outcome.made === true) return undefined;
        begun = true;
        if (unsureSince === undefined) {
          part.unsureSince = state.clock();
          return { reason: outcome.reason };
        }
        state.log.warn(MAY_BE, { lane, reason: outcome.reason });
        return undefined;
      default:
        return unsaid(outcome);
    }
  }

  /** Looked for once, from a minute before, as services' clocks differ; where nobody can look it is written again. */
  async function isThere(connector: Connector, part: Part, since: number): Promise<boolean> {
    const found = connector.find(
      part.call,
      part.key,
      soleSpan(since - CLOCKS_MS),
      async () => false,
    );
    return found.then(
      (message) => message !== undefined,
      (error: unknown) => {
        if (error instanceof CallFailed) return false;
        throw error;
      },
    );
  }

  return {
    isBegun: () => begun,
    async send(lines) {
      const connector = state.connectors.get(admin.account);
      const channel = state.channels.get(lane);
      const stall = stallOf(state, admin.account);
      if (connector === undefined || channel === undefined)
        return { kind: "later", reason: "it is not found yet" };
      // A firm one is our own decision, and somebody has to be told of it.
      if (stall !== undefined && stall.firm !== true)
        return { kind: "later", reason: `${admin.account} is paused: ${stall.reason}` };
      if (!begun) {
        const content = plain(["Footbridge:", ...lines].join("\n"));
        const id = `admin-${state.instance}-${state.clock()}`;
        parts = connector
          .render({ kind: "notice", channel, content }, false)
          .map((call, part) => ({ call, key: deliveryKey(`${id}-${part}`) }));
      }
      for (let part = parts[0]; part !== undefined; part = parts[0]) {
        const failed = await write(connector, part);
        if (failed !== undefined) return { kind: "later", ...failed };
        parts.shift();
        begun = parts.length > 0;
      }
      return { kind: "said" };
    },
  };
}

const unsaid = (outcome: Extract<Outcome, { kind: "later" | "account" | "channel" }>): Unsaid => ({
  reason: outcome.reason,
  ...("retryAfterMs" in outcome && outcome.retryAfterMs !== undefined
    ? { retryAfterMs: outcome.retryAfterMs }
    : {}),
});
