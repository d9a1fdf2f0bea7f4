/** What goes wrong between the bridge and the services, the same at every run. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

import type { Sandbox } from "../../../src/sandbox/server.ts";
import type { Fault } from "../../../src/sandbox/wire.ts";

export type Random = () => number;

export function randomOf(seed: number): Random {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

export interface Mischief {
  readonly url: string;
  /** Webhooks that were brought twice. */
  doubled(): number;
  close(): void;
}

/** Between Slack and the bridge: one webhook in ten comes late, one in ten twice. `target`: where the bridge is, if it is. */
export async function startMischief(
  target: () => string | undefined,
  random: Random,
): Promise<Mischief> {
  let doubled = 0;
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on("data", (piece: Buffer) => pieces.push(piece));
    request.on("end", () => {
      const headers = new Headers();
      for (const [name, value] of Object.entries(request.headers))
        if (typeof value === "string" && !/^(?:host|connection|content-length)$/u.test(name))
          headers.set(name, value);
      const forward = async (): Promise<number> => {
        const base = target();
        if (base === undefined) throw new Error("killed");
        const body = Buffer.concat(pieces);
        return (await fetch(base + request.url, { method: "POST", headers, body })).status;
      };
      const [late, twice] = [random() < 0.1, random() < 0.1];
      const answer = async (): Promise<void> => {
        const status = await forward();
        if (twice) {
          doubled += 1;
          await forward();
        }
        response.writeHead(status).end();
      };
      const begin = () => void answer().catch(() => response.destroy());
      if (late) setTimeout(begin, Math.floor(random() * 800));
      else begin();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    doubled: () => doubled,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Of posts each befalls one in twenty. */
const FAULTS: readonly Fault[] = [
  { kind: "500", when: "before" },
  { kind: "500", when: "after" },
  { kind: "reset", when: "after" },
  { kind: "429", retryAfterS: 1 },
];

/**
 * Plans what befalls the calls to come: posts, history, and what brings news. Faults of reads keep their distance, as all
 * channels are read after a mishap, and one that is hit is read again behind the others: a history that cannot be read
 * for five seconds is waited for no longer, and then order is not promised. Returns how often each of them was met so
 * far, by method and kind.
 */
export function plague(
  { slack, gitter, matrix }: Sandbox,
  channels: number,
  times: number,
  random: Random,
): () => ReadonlyMap<string, number> {
  const services = [
    [slack, ["chat.postMessage"], ["conversations.history", "conversations.replies"]],
    [gitter, ["POST chatMessages"], ["GET chatMessages", "stream"]],
    [matrix, ["send"], ["messages", "sync"]],
  ] as const;
  const left = (): ReadonlyMap<string, number> => {
    const counts = new Map<string, number>();
    for (const { state } of [slack, gitter, matrix])
      for (const { method, fault } of state.faults.planned) {
        const what = `${method}: ${nameOf(fault)}`;
        counts.set(what, (counts.get(what) ?? 0) + 1);
      }
    return counts;
  };
  for (let nth = 0; nth < times; nth += 1)
    for (const [service, posts, reads] of services)
      for (const method of [...posts, ...reads]) {
        const isPost = posts.some((post) => post === method);
        const fine = isPost
          ? Math.floor(Math.log(1 - random()) / Math.log(1 - FAULTS.length / 20))
          : channels + 2 + Math.floor(8 * random());
        if (fine > 0) service.fault({ method, times: fine, fault: { kind: "delay", ms: 0 } });
        service.fault({ method, times: 1, fault: FAULTS[Math.floor(random() * FAULTS.length)]! });
      }
  const all = left();
  return () => {
    const now = left();
    return new Map([...all].map(([what, count]) => [what, count - (now.get(what) ?? 0)]));
  };
}

const nameOf = (fault: Fault): string =>
  "when" in fault ? `${fault.kind} ${fault.when}` : fault.kind;

/** As `plague` names what befalls posts. */
export const postFaults = (method: string): readonly string[] =>
  FAULTS.map((fault) => `${method}: ${nameOf(fault)}`);
