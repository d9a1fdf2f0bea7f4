/** What the status page tells. */
import { describe, expect, it } from "vitest";

import type { Letter } from "../../src/core/letters.ts";
import type { Report } from "../../src/core/report.ts";
import { ASK_MS } from "../../src/hosts/node/postgres/desk.ts";
import type { RelayDoor } from "../../src/http/app.ts";
import { LONGEST_LOOK_MS } from "../../src/http/status/script.ts";
import { BUSY, IDLE, LETTERS, NOW, PAUSED, UNREACHED, WITH_LETTERS } from "./reports.ts";
import { type Asking, loggedIn, words } from "./status-browser.ts";

describe("what the status page tells", () => {
  const read = async (report: Report, more: Asking = {}): Promise<string> =>
    words((await (await loggedIn({ report, ...more })).get()).text);

  it("is that everything works, where it does", async () => {
    const text = await read(IDLE);
    expect(text).toContain("Everything works.");
    expect(text).toContain("0 relayed in 24 hours, nothing waiting. Running for 40 min.");
    expect(text).toContain("None: no message was given up.");
  });

  it("is what is wrong with each account, since when, and what to do", async () => {
    const text = await read(PAUSED);
    expect(text).toContain("4 things need you.");
    expect(text).toContain(
      "slack.team is paused for 1 h 36 min token_revoked What to do: put the bot token",
    );
    expect(text).toContain("Last error HTTP 502 5 h ago");
    expect(text).toContain("closed gitter.community for 7 min: HTTP 502");
  });

  it("is each trouble once, the lanes of a paused account not among them", async () => {
    const text = await read(PAUSED);
    expect(text).toContain("gitter.community/acme/support is paused M_FORBIDDEN: invite the bot");
    expect(text).toContain("gitter.community/acme/news cannot be found no such room: make it");
    expect(text).toContain(
      "The connection to gitter.community is closed for 7 min HTTP 502 What to do: nothing",
    );
    expect(text).toContain("matrix.org/#acme-help:matrix.org is slow for 14 min");
    expect(text).not.toContain("slack.team/general is");
  });

  it("is not that a paused account's connection needs nothing", async () => {
    const sources = [{ source: "slack.team/socket", open: false, forMs: 7 * 60_000 }];
    const text = await read({ ...PAUSED, sources });
    expect(text).toContain("slack.team is paused");
    expect(text).not.toContain("The connection to slack.team");
  });

  it("is what was never reached, and after five minutes what to do about it", async () => {
    const since = NOW - 60_000;
    const soon = await read({
      ...UNREACHED,
      accounts: UNREACHED.accounts.map((each) =>
        each.unsigned === undefined ? each : { ...each, unsigned: { ...each.unsigned, since } },
      ),
      unfound: UNREACHED.unfound!.map((each) => ({ ...each, since })),
    });
    expect(soon).toContain("slack.team not reached yet since 15 Jun, 15:15 UTC Sign-in HTTP 503");
    expect(soon).toMatch(/acme\/community gitter\.community not reached yet/u);
    expect(soon).toContain("37 waiting, 37 of them until their channel is found.");
    expect(soon).not.toContain("What to do");
    const late = await read(UNREACHED);
    expect(late).toContain("1 thing needs you.");
    expect(late).toContain(
      "slack.team could not be signed in to yet for 6 min HTTP 503 What to do",
    );
    expect(late).toContain(
      "gitter.community/acme/community could not be looked for yet for 6 min HTTP 502 What to do",
    );
  });

  it("is that a changed configuration was refused, and why", async () => {
    expect(await read(PAUSED)).toContain(
      "The configuration file cannot be used for 4 min matterbridge.toml:12: gateway help",
    );
  });

  it("is how much went each way between two channels, and into each of several", async () => {
    const text = await read({
      ...BUSY,
      day: [
        {
          ...BUSY.day![0]!,
          relayed: { "gitter.community/acme/community": 12, "slack.team/general": 1234 } as never,
        },
      ],
    });
    expect(text).toContain("From general to acme/community: 12");
    expect(text).toContain("From acme/community to general: 1,234");
    expect(text).toContain("From the others to acme/support: 0");
    expect(text).not.toContain("From acme/news");
    expect(text).toContain("From announcements to acme/news: 0");
    const oneWay = { name: "x", legs: BUSY.gateways![2]!.legs.toReversed() };
    const turned = await read({ ...BUSY, gateways: [oneWay] });
    expect(turned).not.toContain("From acme/news");
    expect(turned).toContain("From announcements to acme/news");
  });

  it("is what waits in each lane and for how long, the longest first", async () => {
    const text = await read(PAUSED);
    const table = text.slice(text.indexOf("Relayed in 24 h"));
    expect(table).toMatch(/slack\.team\/general paused 131 1 h 36 min/u);
    expect(table.indexOf("matrix.org/")).toBeLessThan(table.indexOf("acme/support"));
    expect(table).toMatch(/gitter\.community\/acme\/news not found 0 –/u);
  });

  it("is the last day, and of which part of it nothing is known", async () => {
    const text = await read(BUSY);
    expect(text).toMatch(
      /Relayed [\d,]+ in 24 hours .* Most in a quarter of an hour: \d+, at \d\d:\d\d UTC/u,
    );
    expect(text).toContain("Shaded: 4 hours of which nothing is known");
  });

  it("is why the bridge rests, where it does", async () => {
    const door = { report: () => Promise.reject(new Error("its state was moved: it rests")) };
    const answer = await (await loggedIn({ door })).get();
    expect(answer.status).toBe(503);
    expect(words(answer.text)).toContain("its state was moved: it rests");
  });

  it("is that another replica relays", async () => {
    const replica = {
      ready: async () => undefined,
      report: async () => ({ ...IDLE, leads: false }),
    };
    expect(await read(BUSY, { door: { replica } })).toContain("A replica that does not relay");
  });

  it("is why each message was given up, and what was said only on demand", async () => {
    const browser = await loggedIn({ report: WITH_LETTERS, letters: LETTERS });
    const text = words((await browser.get()).text);
    expect(text).toContain("3 messages were given up");
    expect(text).toContain(
      "An edit for matrix.org/#acme-help:matrix.org , said in general (slack.team)",
    );
    expect(text).not.toContain("what was said </blockquote>");
    expect((await browser.get()).text).not.toContain("<blockquote");
    expect((await browser.get("/?text=1")).text).toContain(
      "<blockquote>what was said</blockquote>",
    );
  });

  it("asks for dead letters only where there are some", async () => {
    const letters = {
      list: () => Promise.reject(new Error("asked")),
      replay: undefined,
      discard: undefined,
    };
    expect(
      await read(IDLE, { door: { letters: letters as unknown as RelayDoor["letters"] } }),
    ).toContain("Everything works.");
  });

  it("shows fifty letters at most, and acts on those that it shows", async () => {
    const many = Array.from({ length: 60 }, (_each, index) => ({
      ...LETTERS[0]!,
      id: `l${index}`,
    }));
    const { text } = await (
      await loggedIn({ report: { ...BUSY, deadLetters: 60 }, letters: many })
    ).get();
    expect(text.match(/class="card letter"/gu)).toHaveLength(50);
    expect(words(text)).toContain("Discard these 50");
    expect(words(text)).toContain("10 older ones come when these are gone");
    expect(text).not.toContain('value="l9"');
  });

  it("waits longer for a replica than that asks the one that relays, so as to say why there is none", () => {
    expect(LONGEST_LOOK_MS).toBeGreaterThan(ASK_MS);
  });

  it("stays small: everything that a first look loads, in kilobytes", async () => {
    const browser = await loggedIn({ report: PAUSED, letters: LETTERS });
    const page = (await browser.get()).text;
    const [style] = /\/status\.css\?v=\w+/u.exec(page)!;
    const [script] = /\/status\.js\?v=\w+/u.exec(page)!;
    const all = page + (await browser.get(style)).text + (await browser.get(script)).text;
    expect(all.length / 1024).toBeLessThan(30);
    const packed = new Response(all).body!.pipeThrough(new CompressionStream("gzip"));
    expect((await new Response(packed).arrayBuffer()).byteLength / 1024).toBeLessThan(10);
  });

  it("lets nothing that others wrote become a tag, an attribute or an address", async () => {
    const evil = `"><img src=x onerror=alert(1)>'</title><script>alert(2)</script>`;
    const odd = (text: string) => `${text}${evil}` as never;
    const [first] = LETTERS;
    const report: Report = {
      ...PAUSED,
      accounts: [
        {
          account: odd("slack.a"),
          paused: evil,
          stall: { since: NOW, reason: evil, fix: evil },
          lastError: { at: NOW, reason: evil },
        },
      ],
      gateways: [
        {
          name: evil,
          legs: [
            { account: odd("slack.a"), channel: evil, in: true, out: true },
            { account: odd("gitter.b"), channel: evil, in: true, out: true },
          ],
        },
      ],
      lanes: [{ lane: odd("slack.a/"), depth: 1, oldestMs: 1e9, paused: evil }],
      troubles: { [evil]: evil },
      sources: [{ source: odd("slack.a/"), open: false, forMs: 1e9, reason: evil }],
      config: { file: evil, since: 0, refused: { since: 0, errors: [evil] } },
      deadLetters: 1,
    };
    const letter: Letter = {
      ...first!,
      id: odd("id"),
      lane: odd("l"),
      account: odd("a"),
      channel: odd("c"),
      name: evil,
      kind: evil,
      reason: evil,
      author: evil,
    };
    const browser = await loggedIn({ report, letters: [letter] });
    const { text } = await browser.get(`/?text=1&replayed=${encodeURIComponent(evil)}`);
    expect(text).not.toContain("<img");
    expect(text).not.toContain("<script>");
    expect(text).not.toContain(`"><img`);
    expect(text.match(/<\/title>/gu)).toHaveLength(1);
    expect(text).toContain("&lt;img src=x onerror=alert(1)&gt;");
  });
});
