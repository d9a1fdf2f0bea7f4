/** HMAC by OpenSSL, at once: a job of Web Crypto's costs a webhook more than all the rest of its verification. */
import { createHmac } from "node:crypto";

import type { Hmac } from "../../core/ports.ts";

export const nodeHmac: Hmac = async (secret, parts) => {
  const mac = createHmac("sha256", secret);
  for (const part of parts) mac.update(part);
  return mac.digest("hex");
};
