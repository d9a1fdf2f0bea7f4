/** `RemoteNickFormat` and what belongs to it, as Matterbridge has them. */

export interface NickFacts {
  /** Name of the author as people of the source see it. */
  readonly nick: string;
  readonly userId: string;
  readonly protocol: string;
  /** Name part of the source account. */
  readonly bridge: string;
  readonly label: string;
  readonly gateway: string;
  /** The source's channel, as configured. */
  readonly channel: string;
}

/**
 * Strips what makes a name lie: controls, zero-width characters and bidirectional overrides. U+200D stays only between
 * emoji, where it joins.
 */
export function cleanNick(nick: string): string {
  return nick
    .replaceAll(
      /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u200c\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/gu,
      "",
    )
    .replaceAll(
      /(?<!\p{Extended_Pictographic}\ufe0f?)\u200d|\u200d(?!\p{Extended_Pictographic})/gu,
      "",
    )
    .trim();
}

const noPing = (nick: string): string => {
  const [first = "", ...rest] = nick;
  return rest.length === 0 ? nick : `${first}\u200b${rest.join("")}`;
};

/** A name as it may be shown: clean, and with `StripNick` of letters and digits alone. */
export function shownName(name: string, stripNick: boolean): string {
  const clean = cleanNick(name) || "unknown";
  return stripNick ? clean.replaceAll(/[^a-zA-Z0-9]/gu, "") : clean;
}

/** Expands all placeholders in one pass, so that a nick containing `{CHANNEL}` stays what it is. */
export function formatNick(format: string, facts: NickFacts, stripNick: boolean): string {
  const nick = shownName(facts.nick, stripNick);
  const values: Record<string, string> = {
    NOPINGNICK: noPing(nick),
    BRIDGE: facts.bridge,
    PROTOCOL: facts.protocol,
    GATEWAY: facts.gateway,
    LABEL: facts.label,
    NICK: nick,
    USERID: facts.userId,
    CHANNEL: facts.channel,
    TENGO: "",
  };
  return format.replaceAll(/\{([A-Z]+)\}/gu, (whole, name: string) => values[name] ?? whole);
}
