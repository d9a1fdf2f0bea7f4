import { defineConfig } from "vitest/config";

/** Needs more than Node: PostgreSQL 15 or newer, and PgBouncer. A failure, never a skip, without them. */
export default defineConfig({
  test: {
    name: "postgres",
    root: new URL("../..", import.meta.url).pathname,
    include: ["test/postgres/**/*.test.ts"],
    globalSetup: ["test/postgres/setup.ts"],
    // Most of the time is waiting, and the times that are promised are seconds.
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
