/** What people are called: the name they chose, or their Matrix id. */
import { memberContent, read } from "./events.ts";
import type { MatrixEvent } from "./events.ts";
import { isUpload } from "./ids.ts";

export interface NameSettings {
  /** `UseUserName`: the id rather than the chosen name. */
  readonly useUserName: boolean;
  /** `NoHomeServerSuffix`: ids without their server. */
  readonly noHomeServerSuffix: boolean;
}

/** The name to show for a person, as Matterbridge's settings choose it. */
export function nameOf(user: string, chosen: string | undefined, settings: NameSettings): string {
  const id = user.replace(/^@/u, "");
  const short = settings.noHomeServerSuffix ? id.replace(/:.*$/su, "") : id;
  const name = chosen?.trim() ?? "";
  if (settings.useUserName || name === "") return short === "" ? id : short;
  // Clients tell namesakes apart by the id behind the name; a colon inside a name is the name's own.
  return settings.noHomeServerSuffix ? name.replace(/ \(@[^\s()]+:[^\s()]+\)$/u, "") : name;
}

/** How somebody is shown in a room. */
export interface Member {
  readonly name?: string;
  /** The face, as `mxc:`. */
  readonly face?: string;
}

/** What is known of people, by room and user: the newest of at most so many. */
export interface Members {
  get(room: string, user: string): Member | undefined;
  set(room: string, user: string, member: Member): void;
}
const MOST_MEMBERS = 5_000;

export function createMembers(): Members {
  const members = new Map<string, Member>();
  const key = (room: string, user: string) => `${room} ${user}`;
  return {
    get: (room, user) => members.get(key(room, user)),
    set(room, user, member) {
      const at = key(room, user);
      members.delete(at);
      if (member.name === undefined && member.face === undefined) return;
      members.set(at, member);
      const oldest = members.size > MOST_MEMBERS ? members.keys().next().value : undefined;
      if (oldest !== undefined) members.delete(oldest);
    },
  };
}

/** Learns names and faces from `m.room.member` events. */
export function noteMembers(members: Members, room: string, events: readonly MatrixEvent[]): void {
  for (const event of events) {
    if (event.type !== "m.room.member" || event.state_key === undefined) continue;
    const { displayname: name, avatar_url: face } = read(memberContent, event.content) ?? {};
    members.set(room, event.state_key, {
      ...(name === undefined ? {} : { name }),
      ...(face === undefined || !isUpload(face) ? {} : { face }),
    });
  }
}
