/** What one message costs on the platform: rows written and billed requests, our own echo counted. */
import type { Figure, Measurement, Open } from "./measurement.ts";
import { type RunningHost, workerd } from "./rig.ts";
import { ADMIN_TOKEN } from "../scenarios/hosts.ts";

const MESSAGES = 100;

interface Costs {
  readonly rows: number;
  readonly worker: number;
  readonly object: number;
}

/** Invocations that a client, Slack or the object itself asked for; alarms and cron go by the clock. */
const OBJECT_KINDS = new Set(["webhook", "gap", "hand", "work"]);

async function costs(host: RunningHost): Promise<Costs> {
  const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
  // Before the book: the question is a request itself.
  const book = (await (await fetch(`${host.url}/calls`)).json()) as {
    readonly invocations: readonly { readonly kind: string }[];
  };
  const kinds = book.invocations.map(({ kind }) => kind);
  const status = (await (await fetch(`${host.url}/admin/status`, { headers })).json()) as {
    readonly rowsWritten: number;
  };
  return {
    rows: status.rowsWritten,
    worker: kinds.filter((kind) => kind === "fetch").length,
    object: kinds.filter((kind) => OBJECT_KINDS.has(kind)).length,
  };
}

async function run(open: Open): Promise<readonly Figure[]> {
  const rig = await open(workerd("test/workerd/counted.ts"), { pairs: 1, apiDelayMs: 0 });
  const figures: Figure[] = [];
  const ways = [
    ["to gitter", "a Slack message (webhook)", 1],
    ["to slack", "a Gitter message (stream)", undefined],
  ] as const;
  for (const [way, name, most] of ways) {
    // What is looked up once is not a message's.
    await rig.ask({ kind: "relay", each: 5, window: 1, ways: way });
    await new Promise((resolve) => setTimeout(resolve, 500));
    const before = await costs(rig.host());
    await rig.ask({ kind: "relay", each: MESSAGES, window: 1, ways: way });
    // The echo of the last message is still under way.
    await new Promise((resolve) => setTimeout(resolve, 500));
    const after = await costs(rig.host());
    const target = most === undefined ? {} : { target: { most } };
    // One of ours asked for the rows before.
    const per = (count: keyof Costs, ours = 0) => (after[count] - before[count] - ours) / MESSAGES;
    figures.push(
      { what: `rows written for ${name}`, value: per("rows"), unit: "", target: { most: 3 } },
      { what: `Worker requests for ${name}`, value: per("worker", 1), unit: "", ...target },
      { what: `object requests for ${name}`, value: per("object"), unit: "", ...target },
    );
  }
  return figures;
}

export const requests: Measurement = { name: "requests", limitS: 60, run };
