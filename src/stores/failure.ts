/** What a database's work fails with that is not the database's fault: the same would fail again, however often it is tried. */
import { messageOf, StorageError } from "../core/errors.ts";

/** The data is a newer program's. */
export class NewerData extends Error {
  override readonly name = "NewerData";
}

/** An error of our own: this event can never be stored. Whoever asked gives it up after some tries. */
const isOwn = (error: unknown): boolean =>
  error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError;

/** As `StorageError`, but for what is no fault of the store's. */
export const asFailure = (what: string, error: unknown): unknown =>
  isOwn(error) || error instanceof NewerData
    ? error
    : new StorageError(`${what}: ${messageOf(error)}`, { cause: error });
