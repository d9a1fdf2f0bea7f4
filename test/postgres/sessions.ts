/** A server for the tests of a file, a place of its own for each test, and sessions that end with it. */
import { afterAll, afterEach, beforeAll, beforeEach } from "vitest";

import { type NodeSession, openSession } from "../../src/hosts/node/postgres/session.ts";
import { newPlace } from "./place.ts";
import { type Server, startServer } from "./server.ts";

export interface Sessions {
  /** Of this test's place. */
  url(): string;
  open(): Promise<NodeSession>;
  /** Others that end with the test. */
  readonly toEnd: Pick<NodeSession[], "push">;
}

export function sessionsOnServer(): Sessions {
  let server: Server;
  let url: string;
  const sessions: NodeSession[] = [];
  beforeAll(async () => {
    server = await startServer();
  });
  afterAll(() => server.remove());
  beforeEach(async () => {
    url = await newPlace(server.url);
  });
  afterEach(async () => {
    await Promise.all(sessions.splice(0).map((session) => session.close()));
  });
  return {
    url: () => url,
    toEnd: sessions,
    async open() {
      const session = await openSession(url);
      sessions.push(session);
      return session;
    },
  };
}
