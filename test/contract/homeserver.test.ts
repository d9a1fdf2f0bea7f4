/** The sandbox's model keeps what a homeserver promises; `test/synapse` shows that the real one keeps it too. */
import { startSandbox } from "../../src/sandbox/server.ts";
import { type Account, clientOf } from "../synapse/client.ts";
import { type HomeserverUnderTest, homeserverContract } from "./homeserver.ts";

const SERVER = "gitter.im";
const account = (name: string): Account => ({
  userId: `@${name}:${SERVER}`,
  deviceId: name,
  token: `token-of-${name}`,
});
const [ADA, MAL, BOT, HASTY] = [account("ada"), account("mal"), account("bot"), account("hasty")];

homeserverContract("model", async (): Promise<HomeserverUnderTest> => {
  const sandbox = await startSandbox({
    matrix: {
      serverName: SERVER,
      token: BOT.token,
      password: "bot-password",
      bot: { id: BOT.userId, displayName: "Bot" },
      people: [
        { id: ADA.userId, displayName: "Ada", token: ADA.token },
        { id: MAL.userId, displayName: "Mal", token: MAL.token },
        {
          id: HASTY.userId,
          displayName: "Hasty",
          token: HASTY.token,
          sends: { burst: 2, perSecond: 1 },
        },
      ],
    },
  });
  const { matrix, matrixUrl: url } = sandbox;
  const clientFor = (one: Account) => clientOf(url, one);
  let made = 0;
  return {
    url,
    serverName: SERVER,
    ada: clientFor(ADA),
    mal: clientFor(MAL),
    bot: clientFor(BOT),
    botPassword: "bot-password",
    hasty: clientFor(HASTY),
    async newRoom(wanted = {}) {
      made += 1;
      const alias = `Org_room-${made}`;
      return { room: matrix.createRoom({ alias, ...wanted }), alias: `#${alias}:${SERVER}` };
    },
    invite: async (room, user) => matrix.member(user, room, "invite"),
    kick: async (room, user) => matrix.member(user, room, "leave"),
    ban: async (room, user) => matrix.member(user, room, "ban"),
    async encrypt(room) {
      const content = { algorithm: "m.megolm.v1.aes-sha2" };
      matrix.send(ADA.userId, room, "m.room.encryption", content, "");
    },
    upgrade: async (room) => matrix.upgrade(room),
    async deadToken(how) {
      const client = clientFor(BOT);
      const { access_token: token } = await client.must<{ access_token: string }>(
        "POST",
        "/_matrix/client/v3/login",
        {
          type: "m.login.password",
          identifier: { type: "m.id.user", user: BOT.userId },
          password: "bot-password",
        },
      );
      matrix.tokenWorks(false, { softly: how === "expired", token });
      return token;
    },
    clientOf: clientFor,
    close: () => sandbox.close(),
  };
});
