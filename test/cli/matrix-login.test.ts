/** `matrix-login` as people run it: by password, by the browser, and what becomes of the token. */
import { spawn } from "node:child_process";
import { chmodSync, existsSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough } from "node:stream";

import { beforeEach, describe, expect, it } from "vitest";

import { askCredentials } from "../../src/cli/matrix-login-ask.ts";
import { loginTokenByBrowser } from "../../src/cli/matrix-login-browser.ts";
import { withVariable } from "../../src/cli/dev-vars.ts";
import {
  asked,
  BY_PASSWORD,
  byPassword,
  comeBack,
  configure,
  folder,
  home,
  PASSWORD,
  place,
  replies,
  root,
  run,
  SSO,
  TOKEN,
  V3,
  vars,
} from "./matrix-login-home.ts";

describe("the password", () => {
  it("comes from a pipe, and gives a token of a new device that needs no refreshing", async () => {
    configure();
    expect(await run([home], byPassword)).toMatchObject({ status: 0, stderr: "" });
    expect(asked.find(({ path, body }) => path === `${V3}/login` && "type" in body)?.body).toEqual({
      type: "m.login.password",
      identifier: { type: "m.id.user", user: "bridge" },
      password: PASSWORD,
      initial_device_display_name: "Footbridge",
    });
  });

  it("goes with an e-mail address as one", async () => {
    await run([home], { input: `bridge@home.test\r\n${PASSWORD}\r\n` });
    expect(asked.find(({ body }) => "type" in body)?.body["identifier"]).toEqual({
      type: "m.id.thirdparty",
      medium: "email",
      address: "bridge@home.test",
    });
  });

  it("is asked for in place of the browser on request", async () => {
    replies[`GET ${V3}/login`] = [200, { flows: [...SSO, ...BY_PASSWORD] }];
    const { status, stdout } = await run([home, "--password"], byPassword);
    expect(status).toBe(0);
    expect(stdout).not.toContain("redirect");
  });

  it("is never shown on the terminal where it is typed", async () => {
    const input = new PassThrough();
    let screen = "";
    const write = (text: string) => {
      screen += text;
      if (screen.endsWith("User: ")) input.write("bridge\r");
      if (screen.endsWith("(not shown): ")) setImmediate(() => input.write("hunter2\r"));
    };
    expect(
      await askCredentials({ input, interactive: true, write }, new AbortController().signal),
    ).toEqual({ user: "bridge", password: "hunter2" });
    expect(screen).toContain("User: ");
    expect(screen).not.toContain("hunter");
  });

  it("is not waited for without end", async () => {
    const late = { input: new PassThrough(), write: () => undefined };
    for (const interactive of [true, false])
      await expect(
        askCredentials({ ...late, interactive }, AbortSignal.timeout(1)),
      ).rejects.toThrow("in time");
  });

  it("that is wrong, missing or not taken is told, and nothing is written", async () => {
    const wrong = await run([home], { input: "bridge\nguess\n" });
    expect(wrong).toMatchObject({ status: 1, stdout: "" });
    expect(wrong.stderr).toContain("the user or the password is wrong");
    expect((await run([home], { input: "bridge\n" })).stderr).toContain("two lines");
    replies[`GET ${V3}/login`] = [200, { flows: SSO }];
    expect((await run([home, "--password"], byPassword)).stderr).toContain("without --password");
    expect(existsSync(join(folder, ".dev.vars"))).toBe(false);
  });
});

describe("the browser", () => {
  beforeEach(() => {
    replies[`GET ${V3}/login`] = [200, { flows: [...SSO, ...BY_PASSWORD] }];
  });

  it("logs in by the printed address, comes back to this machine, and may be closed", async () => {
    configure();
    const pages: Promise<string>[] = [];
    const { status, stderr } = await run([home], {
      onAddress: (url) => {
        expect(url).toMatch(
          /^http:\/\/127\.0\.0\.1:\d+\/_matrix\/client\/v3\/login\/sso\/redirect\?redirectUrl=http%3A%2F%2F127\.0\.0\.1%3A\d+%2F[\w-]{32}$/u,
        );
        pages.push(comeBack(url).then((page) => page.text()));
      },
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(await pages[0]).toContain("You can close this window");
    expect(asked.find(({ body }) => "type" in body)?.body).toEqual({
      type: "m.login.token",
      token: "once+only",
      initial_device_display_name: "Footbridge",
    });
    expect(vars()).toBe(`MATTERBRIDGE_GITTER_DOCK_TOKEN=${TOKEN}\n`);
  });

  it("is opened where there is one", async () => {
    const goes = `fetch(new URL(process.argv[1]).searchParams.get("redirectUrl") + "?loginToken=once%2Bonly")`;
    for (const opener of ["xdg-open", "open"]) {
      place(opener, `#!/bin/sh\nexec "${process.execPath}" -e '${goes}' "$1"\n`);
      chmodSync(join(folder, opener), 0o755);
    }
    expect(await run([home])).toMatchObject({ status: 0, stderr: "" });
  });

  it("is heard at its own path, with a token, and once", async () => {
    const { promise: address, resolve: show } = Promise.withResolvers<string>();
    const signal = new AbortController().signal;
    const token = loginTokenByBrowser({ base: home, signal, show });
    const back = new URL(new URL(await address).searchParams.get("redirectUrl") ?? "");
    expect((await fetch(new URL("/?loginToken=stranger", back))).status).toBe(404);
    expect((await fetch(back)).status).toBe(400);
    const page = await comeBack(await address, "first");
    expect([page.status, page.headers.get("cache-control")]).toEqual([200, "no-store"]);
    expect(await token).toBe("first");
    await expect(comeBack(await address, "second")).rejects.toThrow("fetch failed");
  });

  it("is not waited for without end", async () => {
    const waiting = loginTokenByBrowser({
      base: home,
      signal: AbortSignal.timeout(1),
      show: () => undefined,
    });
    await expect(waiting).rejects.toThrow("in time.\nRun the command again.");
  });

  it("that comes back with a login that is no good any more is told so", async () => {
    const { status, stderr } = await run([home], {
      onAddress: (url) => void comeBack(url, "stale"),
    });
    expect(status).toBe(1);
    expect(stderr).toContain("good once, and for a short time.\nRun the command again.");
  });
});

describe("the token", () => {
  it("is in a file of its owner's alone, and on the screen only on request", async () => {
    configure();
    const { stdout } = await run([home], byPassword);
    expect(statSync(join(folder, ".dev.vars")).mode & 0o777).toBe(0o600);
    expect(stdout).not.toContain(TOKEN);
    expect(stdout).not.toContain(PASSWORD.trim());
    const shown = await run([home, "--show"], byPassword);
    expect(shown.stdout).toContain(`\nMATTERBRIDGE_GITTER_DOCK_TOKEN=${TOKEN}\n`);
  });

  it("comes out of the printed line for the Worker as it is", async () => {
    configure();
    const { stdout } = await run([home], byPassword);
    expect(stdout).toContain("| npx wrangler secret put MATTERBRIDGE_GITTER_DOCK_TOKEN\n");
    const line = /^ {2}(sed .*) \| npx/mu.exec(stdout)?.[1] ?? "";
    const shell = spawn("sh", ["-c", line], { cwd: folder });
    const chunks = await shell.stdout.toArray();
    expect(Buffer.concat(chunks).toString()).toBe(`${TOKEN}\n`);
  });

  it("takes the place of an older one, and leaves every other line as it is", async () => {
    configure();
    const others = ["# mine \xff", "A = 1\r", 'X_MATTERBRIDGE_GITTER_DOCK_TOKEN="x"', "", "B='2'"];
    const name = "MATTERBRIDGE_GITTER_DOCK_TOKEN";
    const [a, b, ...rest] = others;
    const text = (mine: string) => [a, b, mine, ...rest].join("\n");
    writeFileSync(join(folder, ".dev.vars"), text(`${name} = "old"`), "latin1");
    const { stdout } = await run([home], byPassword);
    expect(vars()).toBe(text(`${name}=${TOKEN}`));
    expect(statSync(join(folder, ".dev.vars")).mode & 0o777).toBe(0o600);
    expect(stdout).toContain("The older one was replaced");
  });

  it("is found by the check that comes next", async () => {
    configure();
    await run([home], byPassword);
    const check = spawn(process.execPath, [join(root, "src/cli/main.ts"), "check"], {
      cwd: folder,
      env: {},
    });
    const said = Buffer.concat(await check.stdout.toArray()).toString();
    expect(said).not.toContain("secret put MATTERBRIDGE_GITTER_DOCK_TOKEN");
  });

  it("has the name that the file gives it", async () => {
    configure(["orchard/cider"], 'Token="${DOCK}"');
    await run([home], byPassword);
    expect(vars()).toBe(`DOCK=${TOKEN}\n`);
  });

  it("that expires is told of loudly, with the day", async () => {
    replies[`POST ${V3}/login`] = [200, { access_token: TOKEN, expires_in_ms: 86_400_000 }];
    const { status, stdout } = await run([home], byPassword);
    expect(status).toBe(0);
    expect(stdout).toMatch(/ATTENTION: this token expires \d{4}-\d\d-\d\dT\S+ \(in 1\.0 days\)/u);
  });

  it("that is not one is not written", async () => {
    replies[`POST ${V3}/login`] = [200, { access_token: "a\nB=2" }];
    expect((await run([home], byPassword)).stderr).toContain("holds signs that no token has");
    expect(existsSync(join(folder, ".dev.vars"))).toBe(false);
  });
});

describe("a line of .dev.vars", () => {
  it("stands behind the others, once, and ends its line", () => {
    expect(withVariable("", "N", "1")).toBe("N=1\n");
    expect(withVariable("A=1", "N", "1")).toBe("A=1\nN=1\n");
    expect(withVariable("export N=0\r\nA=1\nN=\nB=2", "N", "1")).toBe("N=1\r\nA=1\nB=2");
  });
});
