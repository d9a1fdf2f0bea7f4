/** The settings that every account has, or `[general]` for all of them: Matterbridge's names and meanings. */
import type { KeySpec } from "./config.ts";

const elsewhere = (name: string, type: KeySpec["type"], unsupported: string): KeySpec => ({
  name,
  type,
  doc: "",
  unsupported,
});

export const COMMON_KEYS: readonly KeySpec[] = [
  {
    name: "RemoteNickFormat",
    type: "string",
    default: "[{PROTOCOL}] <{NICK}> ",
    doc: "How an author is shown at this account: {NICK}, {NOPINGNICK}, {USERID}, {PROTOCOL}, {BRIDGE}, {LABEL}, {GATEWAY}, and {CHANNEL}, which is the channel that the message comes from.",
  },
  { name: "Label", type: "string", doc: "What {LABEL} stands for." },
  {
    name: "StripNick",
    type: "bool",
    doc: "Leave only a-z, A-Z and 0-9 of nicks shown at this account.",
  },
  {
    name: "IconURL",
    type: "string",
    doc: "Picture for authors who have none: an address with the placeholders of RemoteNickFormat, each encoded.",
  },
  {
    name: "IgnoreNicks",
    type: "strings",
    doc: "RE2 patterns: authors of this account who are not relayed.",
  },
  {
    name: "IgnoreMessages",
    type: "strings",
    doc: "RE2 patterns: messages of this account that are not relayed.",
  },
  {
    name: "ReplaceMessages",
    type: "pairs",
    doc: "RE2 patterns and replacements for messages of this account.",
  },
  {
    name: "ReplaceNicks",
    type: "pairs",
    doc: "RE2 patterns and replacements for nicks of this account.",
  },
  {
    name: "ExtractNicks",
    type: "pairs",
    doc: "For bots that speak for others: a RE2 pattern for their nick, and one whose only group finds the author in the text; that match is cut out.",
  },
  {
    name: "PreserveThreading",
    type: "bool",
    default: true,
    doc: "Keep replies in their threads at this account.",
  },
  { name: "EditDisable", type: "bool", doc: "Do not relay edits of this account's messages." },
  { name: "EditSuffix", type: "string", doc: "Put behind edited messages of this account." },
  { name: "UseFullName", type: "bool", doc: "Show real names instead of display names." },
  {
    name: "PrefixMessagesWithNick",
    type: "bool",
    doc: "Put the nick into the text, also where the service can show it as the author.",
  },
  {
    name: "SendInterval",
    type: "int",
    doc: "Milliseconds between posts in one channel after a burst of 5.",
  },
  {
    name: "MediaDownloadSize",
    type: "int",
    default: 1_000_000,
    doc: "Bytes that a file of this account may have; a larger one is named, not relayed.",
  },
  {
    name: "MediaDownloadBlackList",
    type: "strings",
    doc: "RE2 patterns: names of files of this account that are not relayed.",
  },
  {
    name: "ShowJoinPart",
    type: "bool",
    doc: "Tell this account's channels who joins and leaves on the other side.",
  },
  { name: "NoSendJoinPart", type: "bool", doc: "Tell nobody who joins and leaves here." },
  {
    name: "ShowTopicChange",
    type: "bool",
    doc: "Tell this account's channels when the topic changes on the other side.",
  },
  {
    name: "SyncTopic",
    type: "bool",
    doc: "Give this account's channels the topic of the other side, where the bridge may.",
  },
  { name: "Debug", type: "bool", doc: "Accepted; LOG_LEVEL decides what is logged." },
  ...["MediaServerUpload", "MediaServerDownload", "MediaDownloadPath"].map((name) =>
    elsewhere(
      name,
      "string",
      "no media server is needed: files are carried over, or served by Footbridge itself at PUBLIC_URL",
    ),
  ),
  elsewhere("ShowUserTyping", "bool", "Slack's Events API does not tell who is typing"),
  elsewhere(
    "TengoModifyMessage",
    "string",
    "Tengo scripts are not run; ReplaceMessages and ReplaceNicks do most of what they are used for",
  ),
  elsewhere("JoinDelay", "int", "channels are joined as fast as the service allows"),
  elsewhere("MessageClipped", "string", "long messages are split, not clipped"),
  elsewhere("SkipTLSVerify", "bool", "certificates are always verified"),
  elsewhere("LogFile", "string", "logs go to standard output"),
  elsewhere("IgnoreFailureOnStart", "bool", "a failing account never stops the others"),
  elsewhere("http_proxy", "string", "calls go out directly"),
  ...(
    "MessageDelay MessageLength MessageQueue MessageSplit MessageSplitMaxCount Charset ColorNicks UseSASL UseTLS " +
    "AllowMention AutoWebhooks UseDiscriminator UseLocalAvatar MediaConvertTgs MediaConvertWebPToPNG"
  )
    .split(" ")
    .map((name) =>
      elsewhere(name, "string", "it belongs to protocols that Footbridge does not speak"),
    ),
];

/** Settings that only `[general]` has. */
export const GENERAL_KEYS: readonly KeySpec[] = [
  {
    name: "AdminChannel",
    type: "string",
    doc: 'Where the bridge says what is wrong with itself and what to do, each once: an account and a channel of it, `"slack.myteam/ops"`.',
  },
  {
    name: "Retention",
    type: "int",
    default: 30,
    doc: "Days for which it is remembered what became of a message (edits, threads, doubles); at least 9.",
  },
];

/** Matterbridge's other protocols: named, so that an old file is understood. */
export const OTHER_PROTOCOLS: ReadonlySet<string> = new Set(
  "api discord harmony irc keybase matrix mattermost msteams mumble nctalk rocketchat slack-legacy sshchat steam telegram twitch vk whatsapp xmpp zulip".split(
    " ",
  ),
);
