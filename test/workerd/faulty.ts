/**
 * The Worker on a platform that fails when it is told to, at `POST /faults` with a plan: alarms that throw before they
 * begin, storage that takes nothing, an object that is ended when an answer of a service has come in. It answers how many
 * alarms began.
 */
import worker, { RelayObject as Relay } from "../../src/hosts/cloudflare/worker.ts";

interface Faults {
  /** So many alarms throw. */
  readonly alarms?: number;
  /** Storage is full. */
  readonly full?: boolean;
  /** The object ends with the next answer to a POST to a path with this in it: as by a deploy, or another one in its place. */
  readonly endAt?: string;
  /** And with that end storage is full. */
  readonly fullThen?: boolean;
}

let faults: { alarms: number; full: boolean; endAt: string | undefined; fullThen: boolean } = {
  alarms: 0,
  full: false,
  endAt: undefined,
  fullThen: false,
};
let end: (() => void) | undefined;
/** Alarms that began. */
let begun = 0;

const send = globalThis.fetch;
globalThis.fetch = async (input: RequestInfo | URL, init?: RequestInit) => {
  const answer = await send(input, init);
  const { url, method } = input instanceof Request ? input : { url: String(input), ...init };
  if (faults.endAt === undefined || method !== "POST" || !url.includes(faults.endAt)) return answer;
  faults.endAt = undefined;
  faults.full ||= faults.fullThen;
  end?.();
  // Nothing of this life goes on.
  return new Promise(() => undefined);
};

export class RelayObject extends Relay {
  constructor(...[ctx, env]: ConstructorParameters<typeof Relay>) {
    super(ctx, env);
    end = () => ctx.abort("superseded");
    const { sql } = ctx.storage;
    const exec = sql.exec.bind(sql);
    Object.defineProperty(sql, "exec", {
      value: (query: string, ...values: unknown[]) => {
        if (faults.full && !query.startsWith("SELECT"))
          throw new Error("database or disk is full: SQLITE_FULL");
        return exec(query, ...values);
      },
    });
  }

  override async alarm(): Promise<void> {
    if (faults.alarms > 0) {
      faults.alarms -= 1;
      throw new Error("the alarm failed");
    }
    begun += 1;
    return super.alarm();
  }
}

export default {
  async fetch(request, env, ctx) {
    if (new URL(request.url).pathname !== "/faults") return worker.fetch(request, env, ctx);
    const { alarms = 0, full = false, fullThen = false, endAt }: Faults = await request.json();
    faults = { alarms, full, endAt, fullThen };
    return Response.json({ begun });
  },
  scheduled: worker.scheduled,
} satisfies ExportedHandler<Parameters<typeof worker.fetch>[1]>;
