import { describe, expect, it } from "vitest";

import { gitter } from "../../../src/protocols/gitter/index.ts";
import { account, secret } from "./fake.ts";

const ROOMS = ["orchard/cider"];
const API = "https://chat.example/v1";
const texts = (values: Parameters<typeof account>[0], rooms = ROOMS) =>
  gitter
    .check(account(values), rooms)
    .map(({ severity, what, fix }) => `${severity} ${what} ${fix}`);

describe("[gitter.x]", () => {
  it("takes a token and both bases", () => {
    expect(texts({ Token: secret("t"), APIURL: API, StreamURL: `${API}/` })).toEqual([]);
  });
  it("says what became of Gitter when there is neither APIURL nor Server", () => {
    const [text = ""] = texts({});
    expect(text).toContain("February 2023");
    expect(text).toContain("Matrix");
    expect(text).toContain("APIURL=");
  });
  it("knows that gitter.im no longer answers", () => {
    const found = texts({ APIURL: "https://api.gitter.im/v1", StreamURL: API });
    expect(found[0]).toContain("error APIURL is https://api.gitter.im/v1");
  });
  it("asks for the stream's base", () => {
    expect(texts({ APIURL: API })[0]).toContain("StreamURL is missing");
  });
  it("refuses a base with a query or a user in it", () => {
    expect(texts({ APIURL: `${API}?x=1`, StreamURL: API })[0]).toContain("not a base URL");
    expect(texts({ APIURL: "https://u:p@chat.example", StreamURL: API })[0]).toContain(
      "not a base",
    );
  });
  it("warns of a token that travels in the open, but not on the same machine", () => {
    expect(texts({ APIURL: "http://chat.example/v1", StreamURL: API })[0]).toMatch(/^warning/);
    expect(texts({ APIURL: "http://127.0.0.1:4002/v1", StreamURL: API })).toEqual([]);
  });
  it("wants rooms as org/room", () => {
    const bases = { APIURL: API, StreamURL: API };
    expect(texts(bases, ["general"])[0]).toContain("org/room");
    expect(texts(bases, ["#orchard_cider:gitter.im"])[0]).toContain("orchard/cider");
    expect(texts(bases, ["orchard/cider/press"])).toEqual([]);
  });
  it("refuses a negative interval", () => {
    expect(texts({ APIURL: API, StreamURL: API, SendInterval: -1 })[0]).toContain("negative");
  });
  it("cannot work without its token", () => {
    expect(gitter.requiredSecrets(account())).toEqual(["Token"]);
  });
});
