/** One HTTP exchange as plain data, and the faults that can be planned for it. Shared by the service models. */

export interface WireRequest {
  readonly method: string;
  /** Without the service's prefix and without the query: `chat.postMessage`, `/v1/rooms`. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Text; of files and the like each character is one byte. */
  readonly body: string;
}

export interface WireResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Each character of the body is one byte. */
  readonly binary?: true;
}

/** What goes wrong with one call. `before`: the service did nothing; `after`: it did everything and nobody hears. */
export type Fault =
  | { readonly kind: "429"; readonly retryAfterS?: number }
  | { readonly kind: "500"; readonly when: "before" | "after" }
  /** The connection stays open and silent. */
  | { readonly kind: "hang"; readonly when: "before" | "after" }
  /** The connection is cut without an answer. */
  | { readonly kind: "reset"; readonly when: "before" | "after" }
  /** Done at once, answered late. */
  | { readonly kind: "delay"; readonly ms: number }
  /** Any answer at all, such as the HTML page of a proxy. Nothing is done. */
  | {
      readonly kind: "answer";
      readonly status: number;
      readonly body: string;
      readonly contentType?: string;
    };

/** The next `times` calls of `method` meet `fault`; `*` is every method. */
export interface PlannedFault {
  readonly method: string;
  readonly times: number;
  readonly fault: Fault;
}

/** What is still to go wrong, in order. */
export interface FaultPlan {
  readonly planned: { method: string; left: number; fault: Fault }[];
}

export const newFaultPlan = (): FaultPlan => ({ planned: [] });

export function plan(faults: FaultPlan, { method, times, fault }: PlannedFault): void {
  faults.planned.push({ method, left: times, fault });
}

/** The fault that this call meets, if any; it is used up by that. */
export function takeFault(faults: FaultPlan, method: string): Fault | undefined {
  const index = faults.planned.findIndex((one) => one.method === method || one.method === "*");
  const found = faults.planned[index];
  if (found === undefined) return undefined;
  found.left -= 1;
  if (found.left <= 0) faults.planned.splice(index, 1);
  return found.fault;
}

/** How an exchange ends for the caller. */
export type Ending =
  | { readonly kind: "answer"; readonly response: WireResponse; readonly delayMs: number }
  | { readonly kind: "hang" }
  | { readonly kind: "reset" };

/** An exchange and what it did to the world. */
export interface Exchange<Effect> {
  readonly ending: Ending;
  readonly effects: readonly Effect[];
}

/** Runs one call under its fault. `errorBody` is how this service words a status. */
export function underFault<Effect>(
  fault: Fault | undefined,
  errorBody: (status: number) => WireResponse,
  run: () => { readonly response: WireResponse; readonly effects: readonly Effect[] },
): Exchange<Effect> {
  const answer = (response: WireResponse, delayMs = 0): Ending => ({
    kind: "answer",
    response,
    delayMs,
  });
  if (fault === undefined || fault.kind === "delay") {
    const { response, effects } = run();
    return { ending: answer(response, fault?.ms ?? 0), effects };
  }
  switch (fault.kind) {
    case "429": {
      const { status, headers, body } = errorBody(429);
      const wait = fault.retryAfterS === undefined ? {} : { "retry-after": `${fault.retryAfterS}` };
      return { ending: answer({ status, headers: { ...headers, ...wait }, body }), effects: [] };
    }
    case "answer": {
      const headers = { "content-type": fault.contentType ?? "text/html" };
      const { status, body } = fault;
      return { ending: answer({ status, headers, body }), effects: [] };
    }
    case "500":
    case "hang":
    case "reset": {
      const effects = fault.when === "after" ? run().effects : [];
      if (fault.kind === "500") return { ending: answer(errorBody(500)), effects };
      return { ending: { kind: fault.kind }, effects };
    }
  }
}

/** A message came, was changed or went; for pages and tests that watch. */
export interface Change<Message> {
  readonly kind: "created" | "changed" | "deleted";
  /** The service's own id of the channel or room. */
  readonly channel: string;
  readonly message: Message;
}
