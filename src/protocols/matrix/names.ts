/** What people are called: the name they chose, or their Matrix id. */
import { memberContent, read } from "./events.ts";
import type { MatrixEvent } from "./events.ts";

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

/** What is known of people's names, by room and user: the newest of at most so many. */
export interface Members {
  get(room: string, user: string): string | undefined;
  set(room: string, user: string, name: string | undefined): void;
}
const MOST_MEMBERS = 5_000;

export function createMembers(): Members {
  const names = new Map<string, string>();
  const key = (room: string, user: string) => `${room} ${user}`;
  return {
    get: (room, user) => names.get(key(room, user)),
    set(room, user, name) {
      const at = key(room, user);
      names.delete(at);
      if (name === undefined) return;
      names.set(at, name);
      const oldest = names.size > MOST_MEMBERS ? names.keys().next().value : undefined;
      if (oldest !== undefined) names.delete(oldest);
    },
  };
}

/** Learns names from `m.room.member` events. */
export function noteMembers(members: Members, room: string, events: readonly MatrixEvent[]): void {
  for (const event of events) {
    if (event.type !== "m.room.member" || event.state_key === undefined) continue;
    members.set(room, event.state_key, read(memberContent, event.content)?.displayname);
  }
}
