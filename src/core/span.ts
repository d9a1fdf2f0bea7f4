/** What is searched when a call is looked for whose answer never came. */

/** When a call that is looked for was made, ms, by our clock; services' clocks may be a minute apart. */
export interface Span {
  readonly after: number;
  /** Infinity where that is not known. */
  readonly before: number;
  /** Of all that are looked for in this channel at the time. */
  readonly shared: {
    readonly from: number;
    readonly to: number;
    /** What was asked for at this time or later serves here too. */
    readonly since: number;
    /** There are others. */
    readonly goesOn: boolean;
  };
}

/** Of a call that nothing else is looked for with. */
export const soleSpan = (after: number, before = Infinity): Span => ({
  after,
  before,
  shared: { from: after, to: before, since: Infinity, goesOn: false },
});
