/** A network between a replica and its database that can be cut: nothing comes through and nothing is closed. */
import { connect, createServer, type Socket } from "node:net";
import type { AddressInfo } from "node:net";

export interface Proxy {
  /** The same address, by way of this. */
  through(url: string): string;
  cut(): void;
  /** What was open is reset, what is new comes through. */
  heal(): void;
  close(): Promise<void>;
}

export async function startProxy(port: number): Promise<Proxy> {
  const pairs = new Set<readonly [Socket, Socket]>();
  let isCut = false;
  const server = createServer((near) => {
    const far = connect(port, "127.0.0.1");
    const pair = [near, far] as const;
    pairs.add(pair);
    const pass = (from: Socket, to: Socket): void => {
      from.on("data", (data) => {
        if (!isCut) to.write(data);
      });
      from.on("error", () => undefined);
      from.on("close", () => {
        pairs.delete(pair);
        if (!isCut) to.destroy();
      });
    };
    pass(near, far);
    pass(far, near);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  const own = (server.address() as AddressInfo).port;
  const reset = (): void => {
    for (const sockets of pairs) for (const socket of sockets) socket.destroy();
  };
  return {
    through: (url) => url.replace(`:${port}/`, `:${own}/`),
    cut() {
      isCut = true;
    },
    heal() {
      reset();
      isCut = false;
    },
    async close() {
      reset();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
