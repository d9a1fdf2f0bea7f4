/** A Service as kube-proxy serves it: connections to one address, each handed to one of the pods that are ready. */
import { connect, createServer } from "node:net";

import type { Pod } from "./pod.ts";

export interface ServicePort {
  readonly url: string;
  close(): Promise<void>;
}

/** `endpoints`: the pods that are ready now. Without one, connections are refused by being cut. */
export async function startService(
  endpoints: () => readonly Pod[],
  targetPort: number,
): Promise<ServicePort> {
  let turn = 0;
  const server = createServer((client) => {
    const ready = endpoints();
    const pod = ready[(turn += 1) % Math.max(1, ready.length)];
    client.on("error", () => undefined);
    if (pod?.ip === undefined) return void client.destroy();
    const upstream = connect(targetPort, pod.ip);
    upstream.on("error", () => client.destroy());
    client.on("close", () => upstream.destroy());
    upstream.on("close", () => client.destroy());
    client.pipe(upstream).pipe(client);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
      }),
  };
}
