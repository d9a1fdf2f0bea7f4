/**
 * Is it from Slack? HMAC-SHA256 over the raw bytes, compared in constant time, with the time checked both ways, before
 * anything is parsed. https://docs.slack.dev/authentication/verifying-requests-from-slack
 */
import type { Hmac, Secret } from "../../core/ports.ts";

/** Slack's own tolerance. */
const SKEW_MS = 300_000;

export type Verdict = { readonly ok: true } | { readonly ok: false; readonly reason: string };

export async function verify(
  request: { readonly body: Uint8Array; header(name: string): string | null },
  secrets: readonly Secret[],
  now: number,
  hmac: Hmac,
): Promise<Verdict> {
  const timestamp = request.header("x-slack-request-timestamp") ?? "";
  const signature = request.header("x-slack-signature") ?? "";
  if (!/^\d{9,11}$/u.test(timestamp)) return { ok: false, reason: "no timestamp of Slack's" };
  if (!/^v0=[0-9a-f]{64}$/u.test(signature))
    return { ok: false, reason: "no signature of Slack's" };
  if (Math.abs(now - Number(timestamp) * 1000) > SKEW_MS)
    return { ok: false, reason: "signed more than 5 minutes from now: check this machine's clock" };
  let right = false;
  // Every secret is tried, so that the time tells nothing.
  for (const secret of secrets) {
    const wanted = `v0=${await hmac(secret.reveal(), [`v0:${timestamp}:`, request.body])}`;
    if (same(signature, wanted)) right = true;
  }
  return right
    ? { ok: true }
    : { ok: false, reason: "the signature is not made with this app's Signing Secret" };
}

function same(a: string, b: string): boolean {
  let different = a.length ^ b.length;
  for (let index = 0; index < a.length; index += 1)
    different |= a.charCodeAt(index) ^ b.charCodeAt(index);
  return different === 0;
}
