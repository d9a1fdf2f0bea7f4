/** The status page of a bridge that relays, on both hosts, as a browser without scripts sees it. */
import { describe, expect, it } from "vitest";

import { ADMIN_TOKEN, HOSTS, seenAtSlack, until } from "./hosts.ts";
import { ROOM, sharedSetup } from "./setting.ts";

describe.each(HOSTS)("the status page on %s", (_name, start) => {
  const setup = sharedSetup(start);
  const cookies = new Map<string, string>();
  const cookie = (): string => [...cookies].map((pair) => pair.join("=")).join("; ");
  const keep = (answer: Response): Response => {
    for (const set of answer.headers.getSetCookie()) {
      const [name = "", value = ""] = set.split(";")[0]!.split(/=(.*)/su);
      if (/max-age=0\b/iu.test(set)) cookies.delete(name);
      else cookies.set(name, value);
    }
    return answer;
  };

  const send = async (fields: Readonly<Record<string, string>>): Promise<Response> => {
    const { url } = setup.host();
    const answer = await fetch(url, {
      method: "POST",
      body: new URLSearchParams(fields),
      headers: { origin: new URL(url).origin, cookie: cookie() },
      redirect: "manual",
    });
    return keep(answer);
  };
  const page = async (): Promise<string> =>
    keep(await fetch(setup.host().url, { headers: { cookie: cookie() } })).text();

  it("opens with the admin token only, and tells what was relayed", async () => {
    const { sandbox } = setup;
    sandbox.gitter.say("ivo", ROOM, "good morning");
    await until(sandbox, () => seenAtSlack(sandbox).some((shown) => shown.endsWith("morning")));
    expect(await page()).toContain("Admin token");
    expect((await send({ act: "login", token: "wrong" })).status).toBe(401);
    expect((await send({ act: "login", token: ADMIN_TOKEN })).status).toBe(303);
    const text = await page();
    expect(text).toContain("Everything works.");
    expect(text).toContain("1 relayed in 24 hours");
    expect(text).toContain("slack.team");
  });

  it("sends a message again that was given up", async () => {
    const { sandbox } = setup;
    sandbox.slack.fault({
      method: "chat.postMessage",
      times: 1,
      fault: {
        kind: "answer",
        status: 200,
        body: '{"ok":false,"error":"message_not_wanted"}',
        contentType: "application/json",
      },
    });
    sandbox.gitter.say("ivo", ROOM, "refused");
    sandbox.gitter.say("ivo", ROOM, "the next");
    await until(sandbox, () => seenAtSlack(sandbox).some((shown) => shown.endsWith("the next")));
    const text = await page();
    expect(text).toContain("message_not_wanted");
    expect(text).not.toContain(">refused<");
    const [, form] = /name="form" value="([^"]+)"/u.exec(text)!;
    const [, id] = /name="id" value="([^"]+)"/u.exec(text)!;
    const answer = await send({ act: "replay", form: form!, id: id! });
    expect(answer.headers.get("location")).toBe("/#letters");
    await until(sandbox, () => seenAtSlack(sandbox).some((shown) => shown.endsWith(" refused")));
    const after = await page();
    expect(after).toContain("None: no message was given up.");
    // What the form did is told once.
    expect(after).toContain("1 message goes out again.");
    expect(await page()).not.toContain("goes out again.");
  });
});
