/** The real homeserver keeps every promise that the sandbox's model keeps: what is tested there holds here. */
import { type HomeserverUnderTest, homeserverContract } from "../contract/homeserver.ts";
import { part } from "./requests.ts";
import { startSynapse } from "./synapse.ts";

/** Of Gitter's rooms; the upgraded ones have the newest redaction rules. */
const [OLD_VERSION, NEW_VERSION] = ["6", "11"];

homeserverContract("Synapse", async (): Promise<HomeserverUnderTest> => {
  const synapse = await startSynapse();
  const ada = await synapse.createUser("ada", "Ada");
  const mal = await synapse.createUser("mal", "Mal");
  const bot = await synapse.createUser("bot", "Bot");
  const hasty = await synapse.createUser("hasty", "Hasty");
  await synapse.admin.must(
    "POST",
    `/_synapse/admin/v1/users/${part(hasty.userId)}/override_ratelimit`,
    { messages_per_second: 1, burst_count: 2 },
  );
  let made = 0;
  return {
    url: synapse.url,
    serverName: synapse.serverName,
    ada,
    mal,
    bot,
    botPassword: "bot-password",
    hasty,
    async newRoom({ isPrivate = false, isEncrypted = false } = {}) {
      made += 1;
      const name = `Org_room-${made}`;
      const room = await ada.createRoom({
        alias: name,
        version: OLD_VERSION,
        public: !isPrivate,
        encrypted: isEncrypted,
      });
      if (isPrivate) await ada.invite(room, mal.userId);
      await mal.join(room);
      return { room, alias: `#${name}:${synapse.serverName}` };
    },
    invite: async (room, user) => void (await ada.invite(room, user)),
    kick: async (room, user) => void (await ada.kick(room, user)),
    ban: async (room, user) => void (await ada.ban(room, user)),
    async encrypt(room) {
      await ada.setState(room, "m.room.encryption", { algorithm: "m.megolm.v1.aes-sha2" });
    },
    upgrade: (room) => ada.upgrade(room, NEW_VERSION),
    async deadToken(how) {
      if (how === "revoked") {
        const gone = await synapse.createUser("gone");
        await synapse.revoke(gone);
        return gone.token;
      }
      const path = `/_synapse/admin/v1/users/${part(ada.userId)}/login`;
      const late = await synapse.admin.must<{ access_token: string }>("POST", path, {
        valid_until_ms: 1,
      });
      return late.access_token;
    },
    clientOf: (account) => synapse.clientOf(account),
    close: () => synapse.close(),
  };
});
