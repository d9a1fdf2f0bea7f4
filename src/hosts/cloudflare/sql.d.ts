/** Durable Object SQL behind the store's driver. The output gate holds every answer and call until writes are durable. */
import type { Sql } from "../../stores/sql.ts";
export declare function durableSql(
  storage: DurableObjectStorage,
  onRowsWritten?: (rows: number) => void,
): Sql;
