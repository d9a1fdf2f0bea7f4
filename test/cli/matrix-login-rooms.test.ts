/** `matrix-login`: which account it is for, what it says of that account's rooms, and of homeservers. */
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import {
  asked,
  byPassword,
  configure,
  folder,
  home,
  ME,
  place,
  replies,
  type Reply,
  run,
  TOKEN,
  V3,
  vars,
} from "./matrix-login-home.ts";

describe("the account", () => {
  it("is the one of the configuration that uses this homeserver, and --account says which of several", async () => {
    configure(["orchard/cider"], `[matrix.spare]\nServer="${home}/"`);
    const file = readFileSync(join(folder, "matterbridge.toml"), "utf8");
    place(
      "matterbridge.toml",
      file.replace("inout=[", 'inout=[{account="matrix.spare",channel="#a:home.test"},'),
    );
    const { status, stderr } = await run([home], byPassword);
    expect(status).toBe(1);
    expect(stderr).toMatch(/: (?:gitter\.dock, matrix\.spare|matrix\.spare, gitter\.dock)\./u);
    expect(asked.some(({ body }) => "type" in body)).toBe(false);
    expect((await run([home, "--account", "matrix.spare"], byPassword)).status).toBe(0);
    expect(vars()).toBe(`MATTERBRIDGE_MATRIX_SPARE_TOKEN=${TOKEN}\n`);
  });

  it("need not be configured yet: the lines to write are told in place of its rooms", async () => {
    const { status, stdout } = await run([home], byPassword);
    expect(status).toBe(0);
    expect(stdout).toContain(`write [gitter.mygitter] with Server="${home}"`);
    expect(vars()).toBe(`MATTERBRIDGE_GITTER_MYGITTER_TOKEN=${TOKEN}\n`);
  });

  it("of a configuration with errors has to be named", async () => {
    place("matterbridge.toml", "[gitter.old]\n");
    const { status, stderr } = await run([home], byPassword);
    expect(status).toBe(1);
    expect(stderr).toContain("has errors (npm run footbridge -- check)");
    expect((await run([home, "--account", "gitter.old"], byPassword)).status).toBe(0);
    expect((await run([home, "--account", "slack.crew"])).stderr).toContain(
      "not an account of Matrix",
    );
  });

  it("that is another than MxID says is told of", async () => {
    configure(["orchard/cider"], 'MxID="@other:home.test"');
    expect((await run([home], byPassword)).stdout).toContain(`ATTENTION: MxID of gitter.dock`);
  });
});

describe("the rooms", () => {
  const known = (alias: string, id: string) => {
    replies[`GET ${V3}/directory/room/${alias}`] = [200, { room_id: id, servers: ["gitter.im"] }];
  };
  const summary = (address: string, reply: Reply) => {
    replies[`GET /_matrix/client/v1/room_summary/${address}`] = reply;
  };
  const stateOf = (id: string, type: string, content: object) => {
    replies[`GET ${V3}/rooms/${id}/state/${type}/`] = [200, content];
  };
  const said = async () => {
    const { status, stdout } = await run([home], byPassword);
    expect(status).toBe(0);
    return stdout.split("\n").filter((line) => line.startsWith("  o/"));
  };

  it("are told one by one, each with what to do, and none is joined", async () => {
    configure(["o/in", "o/Open", "o/closed", "o/secret", "o/none", "o/mute", "o/ban"]);
    replies[`GET ${V3}/joined_rooms`] = [200, { joined_rooms: ["!in:g", "!mute:g"] }];
    known("#o_in:gitter.im", "!in:g");
    known("#o_open:gitter.im", "!open:g");
    summary("#o_open:gitter.im", [200, { room_id: "!open:g", join_rule: "public" }]);
    known("#o_closed:gitter.im", "!closed:g");
    known("#o_secret:gitter.im", "!secret:g");
    summary("#o_secret:gitter.im", [200, { join_rule: "public", encryption: "m.megolm" }]);
    known("#o_mute:gitter.im", "!mute:g");
    stateOf("!mute:g", "m.room.encryption", { algorithm: "m.megolm.v1.aes-sha2" });
    known("#o_ban:gitter.im", "!ban:g");
    summary("#o_ban:gitter.im", [200, { membership: "ban" }]);
    const lines = await said();
    expect(lines.map((line) => line.split(";")[0])).toEqual([
      "  o/in: joined",
      "  o/Open: can be joined",
      "  o/closed: needs an invite",
      "  o/secret: is encrypted",
      "  o/none: does not exist",
      "  o/mute: is encrypted",
      "  o/ban: is closed to this account: it is banned",
    ]);
    expect(lines[2]).toContain(`/invite ${ME}`);
    expect(asked.some(({ path }) => path.includes("/join/"))).toBe(false);
  });

  it("are followed to where they were upgraded to", async () => {
    configure(["o/old"]);
    known("#o_old:gitter.im", "!old:g");
    replies[`GET ${V3}/joined_rooms`] = [200, { joined_rooms: ["!old:g"] }];
    stateOf("!old:g", "m.room.tombstone", { replacement_room: "!new:g" });
    summary("!new:g", [200, { join_rule: "public" }]);
    expect((await said())[0]).toContain("can be joined (the room it was upgraded to)");
  });

  it("are asked for as older homeservers knew it", async () => {
    configure(["o/open"]);
    known("#o_open:gitter.im", "!open:g");
    summary("#o_open:gitter.im", [404, { errcode: "M_UNRECOGNIZED", error: "?" }]);
    replies["GET /_matrix/client/unstable/im.nheko.summary/summary/#o_open:gitter.im"] = [
      200,
      { join_rule: "knock", membership: "invite" },
    ];
    expect((await said())[0]).toContain("can be joined");
  });

  it("that cannot be checked do not stop the login, and nothing of the server's steers the terminal", async () => {
    configure(["o/busy", "o/odd"]);
    replies[`GET ${V3}/directory/room/#o_busy:gitter.im`] = [429, { errcode: "M_LIMIT_EXCEEDED" }];
    replies[`GET ${V3}/directory/room/#o_odd:gitter.im`] = [400, { errcode: "\u001b[2J" }];
    const lines = await said();
    expect(lines[0]).toContain("could not be checked; the homeserver is asked too often");
    expect(lines[1]).toContain("could not be checked");
    expect(lines.join("")).not.toContain("\u001b");
  });
});

describe("the homeserver", () => {
  it("is found by .well-known", async () => {
    replies["GET /.well-known/matrix/client"] = [
      200,
      { "m.homeserver": { base_url: `${home}/there/` } },
    ];
    for (const key of Object.keys(replies)) {
      const [method, path] = key.split(" ");
      if (path?.startsWith("/_matrix")) replies[`${method} /there${path}`] = replies[key]!;
    }
    configure();
    expect((await run([home], byPassword)).stdout).toContain(`Logged in as ${ME} at ${home}/there`);
    expect(vars()).toContain("MATTERBRIDGE_GITTER_DOCK_TOKEN=");
  });

  it("that is none, limits, fails, or offers nothing is told, each with what to do", async () => {
    const saying = async (reply: Reply) => {
      replies[`GET ${V3}/login`] = reply;
      const { status, stdout, stderr } = await run([home], byPassword);
      expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
      return stderr;
    };
    expect(await saying([200, "<html>"])).toContain("No Matrix homeserver answers at");
    expect(await saying([404, { errcode: "M_UNRECOGNIZED" }])).toContain("No Matrix homeserver");
    expect(await saying([429, { errcode: "M_LIMIT_EXCEEDED", retry_after_ms: 1_500 }])).toContain(
      "rate limited).\nTry again in 2 seconds.",
    );
    expect(await saying([502, "bad gateway"])).toContain("trouble of its own");
    expect(await saying([200, { flows: [{ type: "m.login.dummy" }] }])).toContain(
      "offers no login",
    );
  });

  it("that does not answer, or is no address, is told", async () => {
    const gone = createServer();
    gone.listen(0, "127.0.0.1");
    await once(gone, "listening");
    const { port } = gone.address() as AddressInfo;
    gone.close();
    await once(gone, "close");
    const none = await run([`http://127.0.0.1:${port}`]);
    expect(none).toMatchObject({ status: 1, stdout: "" });
    expect(none.stderr).toContain(`Nothing answers at http://127.0.0.1:${port}.`);
    expect((await run(["https://home.test?x"])).stderr).toContain(
      "not the address of a homeserver",
    );
    expect(await run([])).toMatchObject({ status: 2 });
  });
});
