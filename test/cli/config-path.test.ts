/** Where the configuration is looked for, so that images and mounts of old still fit. */
import { describe, expect, it } from "vitest";

import { CONFIG_PLACES, configPath } from "../../src/cli/config-path.ts";

const among =
  (...files: readonly string[]) =>
  (file: string): boolean =>
    files.includes(file);

describe("the configuration's place", () => {
  it("is the first of the usual ones that is there", () => {
    for (const [index, place] of CONFIG_PLACES.entries())
      expect(configPath([], {}, among(...CONFIG_PLACES.slice(index)))).toBe(place);
  });

  it("is never one of them where one is named, there or not", () => {
    const everywhere = among(...CONFIG_PLACES);
    expect(configPath(["-conf", "/mine.toml"], {}, everywhere)).toBe("/mine.toml");
    expect(configPath([], { FOOTBRIDGE_CONFIG: "/mine.toml" }, everywhere)).toBe("/mine.toml");
  });

  it("is said to be here where it is nowhere", () => {
    expect(configPath([], {}, among())).toBe("./matterbridge.toml");
  });
});
