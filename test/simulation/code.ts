/** The bridge's own code, from any folder: `src`, or a copy of it that somebody has broken. */
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import type * as app from "../../src/http/app.ts";
import type * as config from "../../src/core/config/load.ts";
import type * as connect from "../../src/hosts/shared/connect.ts";
import type * as errors from "../../src/core/errors.ts";
import type * as registry from "../../src/protocols/registry.ts";
import type * as relay from "../../src/core/relay.ts";
import type * as routing from "../../src/core/config/routing.ts";
import type * as slots from "../../src/core/outbox/slots.ts";
import type * as sqlite from "../../src/stores/sqlite.ts";
import type * as web from "../../src/hosts/shared/web.ts";

export type Code = typeof app &
  typeof config &
  Pick<typeof connect, "connectAll" | "retentionMs"> &
  typeof errors &
  typeof registry &
  typeof relay &
  typeof routing &
  typeof slots &
  typeof sqlite &
  Pick<typeof web, "createHttp">;

const FILES = [
  "http/app",
  "core/config/load",
  "hosts/shared/connect",
  "core/errors",
  "protocols/registry",
  "core/relay",
  "core/config/routing",
  "core/outbox/slots",
  "stores/sqlite",
  "hosts/shared/web",
];

export async function loadCode(root: string, extension = "ts"): Promise<Code> {
  const parts = await Promise.all(
    FILES.map(
      (file) => import(pathToFileURL(join(root, `${file}.${extension}`)).href) as Promise<object>,
    ),
  );
  return Object.assign({}, ...parts) as Code;
}
