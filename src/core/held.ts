/** Reactions as history shows them: a state, not events. */
import type { MessageId, Position, UserId } from "./ids.ts";

/** The reactions at some messages, as they were when a page was read. */
export interface HeldReactions {
  /** A version of that time: what is known of later ones, the page may not know yet. */
  readonly asOf: string;
  readonly messages: readonly {
    readonly message: MessageId;
    /** The message's. */
    readonly sentAt: number;
    readonly position: Position;
    readonly held: readonly {
      readonly emoji: string;
      /** Without our own. */
      readonly users: readonly UserId[];
      /** Others hold it too, whom the page does not name. */
      readonly more: boolean;
    }[];
  }[];
}
