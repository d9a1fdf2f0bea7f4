/** An empty object whose storage the tests use. */
import { DurableObject } from "cloudflare:workers";

export class StoreObject extends DurableObject {}

export default { fetch: () => new Response("ok") };
