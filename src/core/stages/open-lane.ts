/** What the store remembers of a delivery that is being tried. */
import type { Item } from "../outbox/lane.ts";
import type { OpenLane } from "../store.ts";

export const openLane = (item: Item, attempts: number): OpenLane => ({
  lane: item.open.lane,
  attempts,
  done: item.open.done,
  ...(item.firstTriedAt === undefined ? {} : { firstTriedAt: item.firstTriedAt }),
  ...(item.plain ? { plain: true } : {}),
  ...(item.flat ? { flat: true } : {}),
  ...(item.late === true ? { late: true } : {}),
  ...(item.fileTries > 0 ? { fileTries: item.fileTries } : {}),
  // What an earlier life may have made is looked for from then, however often this one is cut short.
  ...(item.lostSince === undefined ? {} : { since: item.lostSince }),
  ...lasting(item),
});

/** After a crash an edit begins anew, as the posts that it added are among its targets by then. */
export const lasting = ({ written }: Item): Pick<OpenLane, "written"> =>
  written === undefined || written.isEdit === true ? {} : { written };
