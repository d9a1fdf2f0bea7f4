/** What the core needs of a connector whose events come by webhook, as types: see `ports.ts`. */

/** What a service gave a webhook: already verified, not yet understood. */
export type WebhookResult =
  | { readonly kind: "challenge"; readonly answer: string }
  | { readonly kind: "events"; readonly raw: unknown }
  /** The service dropped events: read history for all channels of the account. */
  | { readonly kind: "gap"; readonly reason: string }
  | { readonly kind: "ignore"; readonly reason: string }
  | { readonly kind: "refuse"; readonly status: 400 | 401 | 503; readonly reason: string };

/** Verifies and opens a webhook's body. Pure but for the injected HMAC; touches no store and no service. */
export type Webhook = (request: {
  readonly body: Uint8Array;
  header(name: string): string | null;
}) => Promise<WebhookResult>;
