import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { position } from "../../../src/core/ids.ts";
import {
  editPositionOf,
  idAtSecond,
  isObjectId,
  objectIdMs,
  positionMs,
  positionOf,
} from "../../../src/protocols/gitter/ids.ts";
import { isoMs } from "../../../src/protocols/gitter/time.ts";

const ID = "5fdb3a10c4d5e6f708192101";

describe("ids of Gitter", () => {
  it("knows an ObjectId from the id of a Matrix user", () => {
    expect(isObjectId(ID)).toBe(true);
    expect(isObjectId("matrix-alice:matrix.org")).toBe(false);
  });
  it("reads the second in which an object was made", () => {
    expect(objectIdMs(ID)).toBe(Date.parse("2020-12-17T10:59:28Z"));
  });
  it("orders positions by time, then by id", () => {
    const at = [positionOf(999, "b"), positionOf(1000, "a"), positionOf(1000, "b")];
    expect([...at].reverse().toSorted()).toEqual(at);
  });
  it("puts an edit between its message and the next", () => {
    const created = positionOf(1000, "5fdb3a10c4d5e6f708192101");
    const edit = editPositionOf(created, 9_999_999);
    expect(created < edit && edit < positionOf(1000, "5fdb3a10c4d5e6f708192102")).toBe(true);
    expect(positionMs(edit)).toBe(1000);
  });
  it("makes an id that lies before all of its second", () => {
    expect(idAtSecond(objectIdMs(ID))).toBe("5fdb3a100000000000000000");
    expect(idAtSecond(-1)).toBe("0".repeat(24));
  });
  it("reads no time from what is no position", () => {
    expect(positionMs(position("1608202768.000100"))).toBe(0);
  });
});

describe("times", () => {
  it("agrees with the calendar", () => {
    const dates = fc.date({
      min: new Date("1900-01-01T00:00:00Z"),
      max: new Date("2199-12-31T00:00:00Z"),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(dates, (date) => {
        expect(isoMs(date.toISOString())).toBe(date.getTime());
      }),
    );
  });
  it("reads a zone", () => {
    expect(isoMs("2020-12-17T12:59:28+02:00")).toBe(Date.parse("2020-12-17T10:59:28Z"));
  });
  it("refuses what is no time", () => {
    expect(isoMs("yesterday")).toBeUndefined();
    expect(isoMs("2020-13-01T00:00:00Z")).toBeUndefined();
  });
});
