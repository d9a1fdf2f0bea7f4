/** The only file that knows all protocols. A new one is a folder beside these and a line here. */
import type { AccountConfig, Protocol } from "../core/config/config.ts";
import { gitter as gitterApi } from "./gitter/index.ts";
import { gitterOnMatrix, matrix } from "./matrix/index.ts";
import { slack } from "./slack/index.ts";

/** `[gitter.x]`: with `Server`, Gitter's rooms where they are today; without, a service that speaks Gitter's own API. */
const gitter: Protocol = {
  name: "gitter",
  keys: [
    ...gitterOnMatrix.keys.filter(({ name }) => name !== "SendInterval"),
    ...gitterApi.keys.filter(({ name }) => name === "SendInterval" || !isMatrixKey(name)),
  ],
  check: (account, channels) => kindOf(account).check(account, channels),
  checkUser: (account, id) => kindOf(account).checkUser?.(account, id),
  connect: (account, deps) => kindOf(account).connect(account, deps),
  requiredSecrets: (account) => kindOf(account).requiredSecrets(account),
};

function isMatrixKey(key: string): boolean {
  return gitterOnMatrix.keys.some(({ name }) => name === key);
}

function kindOf({ settings }: AccountConfig): Protocol {
  return settings.string("Server") === undefined ? gitterApi : gitterOnMatrix;
}

export const protocols: readonly Protocol[] = [slack, gitter, matrix];
