/** Durable Object SQL behind the store's driver. The output gate holds every answer and call until writes are durable. */
import type { Sql, Val } from "../../stores/sql.ts";

export function durableSql(
  storage: DurableObjectStorage,
  onRowsWritten?: (rows: number) => void,
): Sql {
  const exec = (query: string, params: Val[]) => {
    const cursor = storage.sql.exec(query, ...params);
    const rows = cursor.toArray();
    onRowsWritten?.(cursor.rowsWritten);
    return rows;
  };
  return {
    all: <Row extends object>(query: string, ...params: Val[]) => exec(query, params) as Row[],
    run: (query, ...params) => void exec(query, params),
    commit: async (work) => storage.transactionSync(work),
  };
}
