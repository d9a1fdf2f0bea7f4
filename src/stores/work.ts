/**
 * The store's work: steps inside one transaction, written once for databases that answer at once and for those that take
 * their time. A step that has to wait yields its promise; what is decided between two steps sees all that came before.
 */
export type Work<T> = Generator<PromiseLike<unknown>, T, unknown>;

/** A function that answers at once, as work. */
export const atOnce = <Args extends unknown[], T>(does: (...args: Args) => T) =>
  // eslint-disable-next-line require-yield -- it never waits
  function* (...args: Args): Work<T> {
    return does(...args);
  };

/** Work that never waits, done. */
export function runAtOnce<T>(work: Work<T>): T {
  const step = work.next();
  if (step.done !== true) throw new Error("this database answers at once");
  return step.value;
}
