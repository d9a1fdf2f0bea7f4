/**
 * What the connector relies on in a homeserver: one suite, run for the sandbox's model and for the real Synapse. Plain
 * HTTP throughout; what only people with rights of their own do comes with the server under test.
 */
import { afterAll, beforeAll, describe } from "vitest";

import type { Account, Client } from "../synapse/client.ts";
import { accountPromises } from "./homeserver/accounts.ts";
import { editPromises } from "./homeserver/edits.ts";
import { historyPromises } from "./homeserver/history.ts";
import { reactionPromises } from "./homeserver/reactions.ts";
import { roomPromises } from "./homeserver/rooms.ts";
import { sendPromises } from "./homeserver/sends.ts";
import { syncPromises } from "./homeserver/sync.ts";

export interface RoomWanted {
  readonly isPrivate?: boolean;
  readonly isEncrypted?: boolean;
}

export interface HomeserverUnderTest {
  readonly url: string;
  readonly serverName: string;
  /** Makes the rooms and may do everything there. */
  readonly ada: Client;
  /** In all rooms, without any power. */
  readonly mal: Client;
  /** In no room until it joins. */
  readonly bot: Client;
  readonly botPassword: string;
  /** In no room until it joins; may send two events, and then one a second. */
  readonly hasty: Client;
  /** With an alias that has a capital letter. */
  newRoom(wanted?: RoomWanted): Promise<{ readonly room: string; readonly alias: string }>;
  invite(room: string, user: string): Promise<void>;
  kick(room: string, user: string): Promise<void>;
  ban(room: string, user: string): Promise<void>;
  encrypt(room: string): Promise<void>;
  /** The new room's id. */
  upgrade(room: string): Promise<string>;
  /** A token that somebody signed out, and one that ran out. */
  deadToken(how: "revoked" | "expired"): Promise<string>;
  /** The same account with another token and device. */
  clientOf(account: Account): Client;
  close(): Promise<void>;
}

/** The server under test, once it runs. */
export type Running = () => HomeserverUnderTest;

export function homeserverContract(name: string, start: () => Promise<HomeserverUnderTest>): void {
  describe(`the homeserver ${name}`, () => {
    let started: HomeserverUnderTest | undefined;
    beforeAll(async () => {
      started = await start();
    });
    afterAll(() => started?.close());
    const running: Running = () => {
      if (started === undefined) throw new Error(`${name} does not run`);
      return started;
    };
    accountPromises(running);
    roomPromises(running);
    sendPromises(running);
    editPromises(running);
    syncPromises(running);
    historyPromises(running);
    reactionPromises(running);
  });
}
