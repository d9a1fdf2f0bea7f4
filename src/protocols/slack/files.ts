/**
 * Slack's files: what its file objects mean (https://docs.slack.dev/reference/objects/file-object), and where their
 * bytes are. The token goes to Slack's own file host only; what is kept elsewhere is a link.
 */
import * as v from "valibot";

import type { Attachment } from "../../core/event.ts";
import { CallFailed, type FileSource } from "../../core/ports.ts";
import type { Client } from "./client.ts";
import { type File, fileSchema } from "./events.ts";

/** Kinds that are pages of Slack's own: there is nothing to fetch. */
const PAGES = new Set(["post", "space", "quip", "canvas", "list", "docs"]);

/** What a file object says of itself; undefined for a file that was deleted. */
export function attachmentOf(raw: unknown): Attachment | undefined {
  const parsed = v.safeParse(fileSchema, raw);
  if (!parsed.success || parsed.output.mode === "tombstone") return undefined;
  const file = parsed.output;
  const { id, permalink, mimetype, size, mode, file_access: access } = file;
  const common = {
    id,
    name: nameOf(file),
    ...(permalink ? { url: permalink } : {}),
    ...(mimetype ? { mimetype } : {}),
    ...(size == null ? {} : { size }),
  };
  if (mode === "hidden_by_limit")
    return { ...common, trouble: "hidden by the limit of Slack's free plan" };
  if (access === "access_denied" || access === "file_not_found")
    return { ...common, trouble: "Slack does not give it to the bridge" };
  // Of another organisation, by Slack Connect: the event has its id and nothing else.
  if (access === "check_file_info" || mode === "file_access") return { ...common, stub: true };
  if (isExternal(file)) {
    const url = [file.external_url, file.url_private].find((each) => each?.startsWith("https://"));
    return { ...common, ...(url ? { url } : {}), linkOnly: true };
  }
  if (PAGES.has(mode ?? "")) return { ...common, linkOnly: true };
  return common;
}

const nameOf = ({ name, title }: File): string => name || title || "file";
const isExternal = ({ is_external, mode }: File): boolean =>
  is_external === true || mode === "external";

export interface Files {
  describe(file: Attachment): Promise<Attachment>;
  /** Throws `CallFailed`. */
  locate(file: Pick<Attachment, "id">): Promise<FileSource>;
  /** Whether an address is at Slack's own file host. */
  isHome(url: string): boolean;
}

/** `apiUrl` as configured: a service that plays Slack has its files beside its API. */
export function createFiles(client: Client, apiUrl: string, token: () => string): Files {
  const home = homeOf(apiUrl);
  const isHome = (url: string): boolean => originOf(url) === home;
  const ask = async (id: string): Promise<unknown> =>
    (await client.read("files.info", { file: id }))["file"];
  return {
    isHome,
    async describe(file) {
      const asked = attachmentOf(await ask(file.id));
      if (asked === undefined) throw rejected("deleted at Slack");
      return asked.stub === true
        ? { ...asked, trouble: "Slack does not give it to the bridge" }
        : asked;
    },
    async locate({ id }) {
      const raw = await ask(id);
      const file = attachmentOf(raw);
      if (file === undefined) throw rejected("deleted at Slack");
      if (file.trouble !== undefined) throw rejected(file.trouble);
      const { url_private_download: download, url_private: view } = v.parse(fileSchema, raw);
      const url = download || view || "";
      // Whatever else Slack may name here, the token stays at home.
      if (file.linkOnly === true || file.stub === true || !isHome(url))
        throw rejected("it is kept elsewhere");
      return {
        request: { method: "GET", url, headers: { authorization: `Bearer ${token()}` } },
        name: file.name,
        ...(file.mimetype === undefined ? {} : { type: file.mimetype }),
        ...(file.size === undefined ? {} : { size: file.size }),
      };
    },
  };
}

const rejected = (reason: string): CallFailed => new CallFailed({ kind: "rejected", reason });

/** The origin of files: `https://files.slack.com` for Slack itself. */
function homeOf(apiUrl: string): string {
  const origin = originOf(apiUrl) ?? "https://slack.com";
  return /[./]slack\.com$/u.test(origin) ? "https://files.slack.com" : origin;
}

/** Scheme, host and port. Undefined where a name or sign in front of the path could make it another host's. */
const originOf = (url: string): string | undefined =>
  /^(https?:\/\/[a-z0-9.:[\]-]+)(?:[/?#]|$)/iu.exec(url)?.[1]?.toLowerCase();
