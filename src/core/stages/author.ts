/** Who is shown as a message's author at one destination: a name, what stands in front of the text, a face. */
import type { Settings } from "../config/config.ts";
import type { Author, Event } from "../event.ts";
import { type AccountId, nameOf, protocolOf } from "../ids.ts";
import { faceRef } from "../media.ts";
import type { Connector, OutgoingAuthor, Profile } from "../ports.ts";
import { formatNick, iconUrl, type Origin, shownName } from "../rules/nick.ts";
import { rulesOf } from "../rules/rules.ts";
import type { State } from "../state.ts";

/** Nobody else is shown under this name, whatever the bridge's account is called. */
export const OWN_NAME = "Footbridge";

/** The name that people of the source see, or the one that its settings choose. */
export function chosenName({ name, fullName, userName }: Profile, from: Settings): string {
  const full = from.bool("UseFullName") ? fullName : undefined;
  return full ?? (from.bool("UseUserName") ? userName : undefined) ?? name;
}

export interface Wrote {
  readonly account: AccountId;
  readonly author: Author;
  /** `nick` differs from the profile's name where `ExtractNicks` found another in the text. */
  readonly profile: Profile;
  readonly nick: string;
  /** The gateway and the channel as configured that it came by. */
  readonly route: { readonly gateway: string; readonly name: string };
}

export interface Shown {
  readonly author: OutgoingAuthor;
  /** `RemoteNickFormat` is applied. */
  readonly nick: string;
  readonly avatarUrl?: string;
}

const isWebAddress = (url: string): boolean => /^https?:\/\//iu.test(url);

/**
 * A profile whose face the destination can show: where it cannot show the service's own picture, by a link to this
 * bridge. As it is where nobody reaches this bridge.
 */
export async function faced(
  { links }: Pick<State, "links">,
  { account, sentAt }: Pick<Event, "account" | "sentAt">,
  profile: Profile,
  source: Pick<Connector, "face">,
  there: Pick<Connector, "showsFace"> | undefined,
): Promise<Profile> {
  const { avatarUrl } = profile;
  if (avatarUrl === undefined || links === undefined || source.face === undefined) return profile;
  if (isWebAddress(avatarUrl) || there?.showsFace?.(avatarUrl) === true) return profile;
  const link = await links.of(faceRef(account, avatarUrl, sentAt));
  return link === undefined ? profile : { ...profile, avatarUrl: link };
}

/** `there`: the destination. */
export function showAuthor(
  wrote: Wrote,
  from: Settings,
  to: Settings,
  there: Pick<Connector, "ownNames" | "showsFace"> | undefined,
): Shown {
  const { account, author, profile, nick, route } = wrote;
  const userId: string = author.id;
  const origin: Origin = {
    userId,
    protocol: protocolOf(account),
    bridge: nameOf(account),
    label: from.string("Label") ?? "",
    gateway: route.gateway,
    channel: route.name,
  };
  const naming = {
    userId,
    replace: rulesOf(from).replaceNicks.text,
    own: [OWN_NAME, ...(there?.ownNames?.() ?? [])],
  };
  const name = shownName(nick, { ...naming, strip: to.bool("StripNick") });
  const plainName = shownName(nick, { ...naming, strip: false, replace: (same) => same });
  const icon = to.string("IconURL") ?? "";
  const drawn = icon === "" ? undefined : iconUrl(icon, plainName, origin);
  const isExtracted = nick !== profile.name;
  // A bot that speaks for others has its own face, not theirs.
  const shows = (url: string) => there?.showsFace?.(url) ?? isWebAddress(url);
  const face =
    profile.avatarUrl !== undefined && shows(profile.avatarUrl) ? profile.avatarUrl : undefined;
  const avatarUrl = isExtracted ? (drawn ?? face) : (face ?? drawn);
  return {
    author: { id: `${account}/${userId}${isExtracted ? `/${plainName}` : ""}`, name },
    nick: formatNick(to.string("RemoteNickFormat") ?? "", name, origin),
    ...(avatarUrl === undefined ? {} : { avatarUrl }),
  };
}
