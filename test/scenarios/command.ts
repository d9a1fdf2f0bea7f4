/** The command line as an operator uses it against a host that runs. */
import { operate, type OperateOptions } from "../../src/cli/operate.ts";
import { ADMIN_TOKEN, type Host } from "./hosts.ts";

/** Runs a command against a host; its code and all it said. */
export async function command(
  host: Host,
  operation: OperateOptions["operation"],
  ...ids: string[]
): Promise<{ readonly code: number; readonly said: string }> {
  const said: string[] = [];
  const code = await operate({
    operation,
    ids,
    all: false,
    text: false,
    json: false,
    url: host.url,
    env: { ADMIN_TOKEN },
    print: (text) => void said.push(text),
    complain: (text) => void said.push(text),
  });
  return { code, said: said.join("\n") };
}
