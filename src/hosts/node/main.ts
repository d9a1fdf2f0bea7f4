/**
 * `npm start`: the node host. Node strips the types of each file at its first start and keeps the result, so that later
 * starts are quicker and smaller by the 30 MB that the stripper takes.
 */
import { enableCompileCache } from "node:module";

enableCompileCache();
const { runHost } = await import("./host.ts");
await runHost();
