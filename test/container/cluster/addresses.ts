/** The network of the tests: one node with a bridge, and "the internet" on the node's other side. */
import { run } from "../machine/run.ts";

/** The bridge's own address: how pods see the node and what runs on it. */
export const NODE = "10.88.0.1";
/** A public address (of those kept for documents), which the node answers. */
export const INTERNET = "203.0.113.10";
/** What a cloud tells its machines, tokens included. */
export const METADATA = "169.254.169.254";

/** Gives the node the addresses that stand for all others. */
export async function addAddresses(): Promise<void> {
  for (const address of [INTERNET, METADATA])
    await run("ip", ["address", "replace", `${address}/32`, "dev", "lo"]);
}
