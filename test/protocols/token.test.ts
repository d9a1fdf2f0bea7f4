import { describe, expect, it } from "vitest";

import { isHeaderSafe } from "../../src/protocols/call.ts";

describe("a token", () => {
  it.each(["xoxb-1\nxx", "xoxb-1 2", "xoxb-1\u200b", ""])(
    "like %j is named as bad before it is sent",
    (token) => {
      expect(isHeaderSafe(token)).toBe(false);
    },
  );

  it("of the usual signs is sent", () => {
    expect(isHeaderSafe("xoxb-123-abcDEF_.~+/=")).toBe(true);
  });
});
