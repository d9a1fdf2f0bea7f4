/** Vitest's global set-up: what is missing fails here, once. */
import { pgbouncer } from "./pool.ts";
import { binaries } from "./server.ts";

export default function setup(): void {
  binaries();
  pgbouncer();
}
