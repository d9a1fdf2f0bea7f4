/** The network as the core and the connectors see it: see `ports.ts`. */

export interface HttpRequest {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Always a whole string, so that it is sent with Content-Length (Gitter answers 406 to chunked bodies). */
  readonly body?: string;
  /** How long the first byte of a stream's answer may take, for long polls; 10 s unless given. */
  readonly waitMs?: number;
}
export interface HttpAnswer {
  readonly status: number;
  /** Null when absent. Names are matched without case. */
  header(name: string): string | null;
  readonly body: string;
}
/**
 * One outbound call with a 10 s limit over the whole answer; redirects are not followed. Rejects when there was no
 * whole answer: with `NotSent` when the request certainly never left, with anything else when nobody knows.
 */
export type Http = (request: HttpRequest) => Promise<HttpAnswer>;

/**
 * Fetches a small file and sends its bytes as the body of `to`. Throws `CallFailed` when the address may not be fetched
 * or gives no file of that type (a prefix: `image/`) and size.
 */
export type CopyFile = (
  from: string,
  to: HttpRequest,
  limits: { readonly mostBytes: number; readonly type: string },
) => Promise<HttpAnswer>;

/** The request certainly did not reach the service (refused, no such host, no free slot): safe to repeat. */
export class NotSent extends Error {
  override readonly name = "NotSent";
}

/** An answer whose body comes for as long as it likes, as decoded text in whatever pieces the network makes. */
export interface HttpStream {
  readonly status: number;
  header(name: string): string | null;
  /** The next piece; undefined at the end. Rejects after `silenceMs` without a byte. */
  read(silenceMs: number): Promise<string | undefined>;
  close(): void;
}
/** Rejects like `Http`; also as soon as `stop` resolves. */
export type OpenStream = (request: HttpRequest, stop?: Promise<void>) => Promise<HttpStream>;
