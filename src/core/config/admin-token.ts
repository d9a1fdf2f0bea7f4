/** `ADMIN_TOKEN`, as every host and `check` read it. */
import type { Problem } from "../errors.ts";
import type { Secret } from "../ports.ts";
import { secretOf } from "./secret.ts";

/** 16 letters and digits by chance are 95 bits; a word that somebody thought of is shorter. */
const LEAST = 16;

export interface AdminToken {
  readonly token: Secret | undefined;
  /** What is wrong with it, which opens the surface none the less. */
  readonly problems: readonly Problem[];
}

export function readAdminToken(text: string | undefined): AdminToken {
  const token = secretOf(text);
  if (token === undefined) return { token, problems: [] };
  const written = token.reveal();
  const problem = (what: string, fix: string): Problem => ({
    severity: "warning",
    where: "environment",
    what: `ADMIN_TOKEN ${what}`,
    fix,
    path: [],
  });
  const problems: Problem[] = [];
  if (written.length < LEAST)
    problems.push(
      problem(
        `is shorter than ${LEAST} characters, so that it can be guessed`,
        "take one made by `openssl rand -hex 32`",
      ),
    );
  // Neither `fetch` nor a proxy passes others on as they are.
  if (!/^[\x20-\x7e]+$/u.test(written))
    problems.push(
      problem(
        "has signs that no header can carry: it opens the page, but no command and no /metrics",
        "take letters and digits",
      ),
    );
  return { token, problems };
}
