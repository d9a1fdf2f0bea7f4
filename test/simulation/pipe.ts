/** The bytes of one connection, from the service to whoever reads. */
import type { Life } from "./life.ts";
import type { Timeline, Timer } from "./timeline.ts";

export interface Pipe {
  push(text: string): void;
  /** No more comes; with an error the connection broke. */
  end(error?: Error): void;
  read(silenceMs: number): Promise<string | undefined>;
  close(): void;
}

interface Reader {
  readonly resolve: (piece: string | undefined) => void;
  readonly reject: (error: Error) => void;
  readonly timer: Timer;
}

export function createPipe(time: Timeline, life: Life): Pipe {
  const pieces: string[] = [];
  let over = false;
  let broken: Error | undefined;
  let reader: Reader | undefined;

  const serve = (): void => {
    if (reader === undefined || !life.alive) return;
    const { resolve, reject, timer } = reader;
    const piece = pieces.shift();
    if (piece === undefined && !over) return;
    reader = undefined;
    timer.cancel();
    if (piece === undefined && broken !== undefined) reject(broken);
    else resolve(piece);
  };
  return {
    push(text) {
      if (over || text === "") return;
      pieces.push(text);
      serve();
    },
    end(error) {
      over = true;
      broken = error;
      serve();
    },
    read: (silenceMs) =>
      new Promise((resolve, reject) => {
        const timer = time.after(silenceMs, () => {
          reader = undefined;
          if (life.alive) reject(new Error(`silent for ${silenceMs} ms`));
        });
        reader = { resolve, reject, timer };
        serve();
      }),
    close() {
      over = true;
      pieces.length = 0;
    },
  };
}
