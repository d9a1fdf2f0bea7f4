/**
 * The store's work: steps inside one transaction, written once for databases that answer at once and for those that take
 * their time. A step that has to wait yields its promise; what is decided between two steps sees all that came before.
 */
export type Work<T> = Generator<PromiseLike<unknown>, T, unknown>;

/** Waits inside of some work. */
export function* wait<T>(promise: PromiseLike<T>): Work<T> {
  return (yield promise) as T;
}

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

/** Work, done when all that it waits for has come; a failure is thrown into it where it waits. */
export async function runWaiting<T>(work: Work<T>): Promise<T> {
  let step = work.next();
  while (step.done !== true) {
    let given: unknown;
    try {
      given = await step.value;
    } catch (error) {
      step = work.throw(error);
      continue;
    }
    step = work.next(given);
  }
  return step.value;
}
