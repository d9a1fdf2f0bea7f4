import { defineConfig } from "vitest/config";

/** Needs more than Node: a Chromium, found by CHROMIUM or at /usr/bin/chromium. */
export default defineConfig({
  test: {
    name: "browser",
    root: new URL("../..", import.meta.url).pathname,
    include: ["test/browser/**/*.test.ts"],
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
