/**
 * Lines of a stream, in whatever pieces the network makes. Gitter ends each object by a line feed and keeps the
 * connection alive by a space and a line feed; older descriptions speak of carriage returns, so these count as blanks.
 */

/** A line longer than this is no message: the service takes 4096 characters of text. */
const MAX_LINE_CHARS = 1_048_576;

export interface Frame {
  /** What came after the last line end. */
  readonly pending: string;
  /** Inside a line that was too long: drop up to the next line end. */
  readonly skipping: boolean;
}

export const emptyFrame: Frame = { pending: "", skipping: false };

export interface Framed {
  readonly frame: Frame;
  /** Whole lines, without the empty ones. */
  readonly lines: readonly string[];
  /** Lines that were too long. */
  readonly dropped: number;
}

/** Takes one piece of the stream. */
export function feed(frame: Frame, piece: string, maxChars = MAX_LINE_CHARS): Framed {
  const lines: string[] = [];
  let dropped = 0;
  let { pending, skipping } = frame;
  let from = 0;
  for (let end = piece.indexOf("\n"); end >= 0; end = piece.indexOf("\n", from)) {
    const line = pending + piece.slice(from, end);
    if (!skipping && line.length > maxChars) dropped += 1;
    else if (!skipping && line.trim() !== "") lines.push(line.trim());
    pending = "";
    skipping = false;
    from = end + 1;
  }
  if (!skipping) pending += piece.slice(from);
  if (pending.length > maxChars) {
    dropped += 1;
    pending = "";
    skipping = true;
  }
  return { frame: { pending, skipping }, lines, dropped };
}
