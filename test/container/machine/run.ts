/** Programs of the machine, run to their end. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";

const execute = promisify(execFile);

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
}

/** What it printed; rejects with what it complained about. */
export async function run(
  program: string,
  args: readonly string[],
  { cwd, env = {}, timeoutMs = 120_000 }: RunOptions = {},
): Promise<string> {
  try {
    const { stdout } = await execute(program, args, {
      ...(cwd === undefined ? {} : { cwd }),
      env: { ...process.env, ...env },
      timeout: timeoutMs,
      killSignal: "SIGKILL",
      maxBuffer: 256 * 1_048_576,
    });
    return stdout.trim();
  } catch (error) {
    const { stderr = "", message } = error as Error & { stderr?: string };
    const said = stderr.trim() === "" ? message : stderr.trim();
    throw new Error(`${program} ${args.slice(0, 4).join(" ")} ...: ${said.slice(-3_000)}`, {
      cause: error,
    });
  }
}
