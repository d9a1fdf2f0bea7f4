import { describe, expect, it } from "vitest";

import { candidates, viaOf } from "../../../src/protocols/matrix/rooms.ts";

describe("a room's name", () => {
  it.each(["matrix", "gitter"] as const)("is taken as Matrix has it, in [%s.x]", (naming) => {
    expect(candidates("#Orchard:example.org", naming)).toEqual(["#Orchard:example.org"]);
    expect(candidates("!abc:example.org", naming)).toEqual(["!abc:example.org"]);
  });
  it("as Gitter had it is an alias of gitter.im, in lower case too", () => {
    expect(candidates("Orchard/Cider", "gitter")).toEqual([
      "#Orchard_Cider:gitter.im",
      "#orchard_cider:gitter.im",
    ]);
  });
  it("that is in lower case is tried once", () => {
    expect(candidates("orchard/cider", "gitter")).toEqual(["#orchard_cider:gitter.im"]);
  });
  it("of a room of a repository's group has three parts", () => {
    expect(candidates("orchard/cider/press", "gitter")).toEqual(["#orchard_cider_press:gitter.im"]);
  });
  it.each(["cider", "a/b/c/d", "/cider", "orchard/", "or chard/cider", "@mara:example.org", ""])(
    "is not %j",
    (name) => {
      expect(candidates(name, "gitter")).toEqual([]);
    },
  );
  it("is not org/room in [matrix.x]", () => {
    expect(candidates("orchard/cider", "matrix")).toEqual([]);
  });
  it("tells which server may know the room", () => {
    expect(viaOf("#orchard_cider:gitter.im")).toBe("gitter.im");
    expect(viaOf("!withoutserver")).toBeUndefined();
  });
});
