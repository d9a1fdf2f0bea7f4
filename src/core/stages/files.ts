/** The files of a message as one destination is to see them: which of them, under which link, or why not. */
import type { Ask } from "../asking.ts";
import type { Attachment, MessageCreated, MessageEdited } from "../event.ts";
import { CallFailed, type Connector, type OutgoingFile } from "../ports.ts";
import type { Settings } from "../config/config.ts";
import { createBlackList, MOST_BYTES, tooLarge } from "../rules/files.ts";
import type { State } from "../state.ts";

/** Nothing can be told of a file later on, ms. */
const LEAST_MS = 1_000;

export interface FilesOf {
  readonly event: MessageCreated | MessageEdited;
  /** Of the account that the message comes from. */
  readonly settings: Settings;
  readonly source: Pick<Connector, "describe" | "file">;
  readonly destination: Pick<Connector, "carries"> | undefined;
  readonly ask: Ask;
}

/** Throws `CallFailed` where a file's service is to be asked again. */
export async function filesFor(
  state: Pick<State, "links">,
  given: FilesOf,
): Promise<readonly OutgoingFile[]> {
  const { event, settings, source } = given;
  const isListed = createBlackList(settings.strings("MediaDownloadBlackList"));
  const mostBytes = settings.int("MediaDownloadSize") ?? MOST_BYTES;
  const files: OutgoingFile[] = [];
  for (const attachment of event.files ?? []) {
    const file = await described(given, attachment);
    if (isListed(file.name)) continue;
    const trouble = file.trouble ?? (file.linkOnly ? undefined : tooLarge(file.size, mostBytes));
    const carry = { from: event.account, mostBytes };
    const isCarried = source.file !== undefined && trouble === undefined && file.linkOnly !== true;
    files.push({
      ...file,
      ...(trouble === undefined ? {} : { trouble }),
      ...(isCarried ? { carry, ...(await linkOf(state, given, file)) } : {}),
    });
  }
  return files;
}

async function described({ ask, event, source }: FilesOf, file: Attachment): Promise<Attachment> {
  if (file.stub !== true || source.describe === undefined) return file;
  const question = async (): Promise<Attachment> => {
    try {
      return (await source.describe?.(file)) ?? file;
    } catch (error) {
      if (!(error instanceof CallFailed) || error.outcome.kind === "later") throw error;
      return { ...file, trouble: error.outcome.reason };
    }
  };
  const without = { ...file, trouble: "its service did not answer" };
  return ask(event.account, question, without, LEAST_MS);
}

/** Where files are links, ours is better than the service's own, which only its own people can open. */
async function linkOf(
  { links }: Pick<State, "links">,
  { event, destination }: FilesOf,
  { id, name, mimetype }: Attachment,
): Promise<{ readonly url?: string }> {
  if (destination?.carries !== undefined || links === undefined) return {};
  const url = await links.of({
    account: event.account,
    channel: event.channel,
    message: event.message,
    file: { id, name, ...(mimetype === undefined ? {} : { mimetype }) },
    until: event.sentAt + links.lifeMs,
  });
  return url === undefined ? {} : { url };
}
