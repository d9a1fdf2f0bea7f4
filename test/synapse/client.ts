/** A person's Matrix client, as small as the tests allow: plain calls, and what people do in rooms. */

/** An event as the server shows it. */
export interface MatrixEvent {
  readonly event_id: string;
  readonly type: string;
  readonly sender: string;
  readonly origin_server_ts: number;
  readonly state_key?: string;
  readonly redacts?: string;
  readonly content: Readonly<Record<string, unknown>>;
  readonly unsigned?: Readonly<Record<string, unknown>>;
}

export interface Answer<T = Record<string, unknown>> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: T;
}

/** A message as a person sees it: edited, and gone once redacted. */
export interface SeenMessage {
  readonly eventId: string;
  readonly sender: string;
  readonly body: string;
  readonly edited: boolean;
  readonly content: Readonly<Record<string, unknown>>;
}

export interface SayOptions {
  readonly msgtype?: string;
  readonly html?: string;
  /** The thread's first event. */
  readonly thread?: string;
  readonly replyTo?: string;
  /** The event whose text this replaces. */
  readonly edit?: string;
  /** More of the content, over everything else. */
  readonly content?: Readonly<Record<string, unknown>>;
  readonly txnId?: string;
}

export interface NewRoom {
  /** Without `#` and server. */
  readonly alias?: string;
  readonly public?: boolean;
  readonly encrypted?: boolean;
  /** The server's default when left out. */
  readonly version?: string;
  readonly name?: string;
}

export interface Account {
  readonly userId: string;
  readonly deviceId: string;
  readonly token: string;
}

/** One call of the client-server or admin API; the answer as it is. Each call has its own connection, so that none outlives the server. */
export async function callMatrix<T = Record<string, unknown>>(
  url: string,
  token: string | undefined,
  method: string,
  path: string,
  body?: unknown,
): Promise<Answer<T>> {
  const response = await fetch(`${url}${path}`, {
    method,
    headers: {
      connection: "close",
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: JSON.parse(text) as T };
}

const V3 = "/_matrix/client/v3";
const part = encodeURIComponent;

function textContent(body: string, options: SayOptions): Record<string, unknown> {
  const text = {
    msgtype: options.msgtype ?? "m.text",
    body,
    ...(options.html === undefined
      ? {}
      : { format: "org.matrix.custom.html", formatted_body: options.html }),
  };
  if (options.edit !== undefined)
    return {
      ...text,
      body: `* ${body}`,
      "m.new_content": text,
      "m.relates_to": { rel_type: "m.replace", event_id: options.edit },
    };
  const replyTo = options.replyTo ?? options.thread;
  const relation = {
    ...(options.thread === undefined
      ? {}
      : {
          rel_type: "m.thread",
          event_id: options.thread,
          is_falling_back: options.replyTo === undefined,
        }),
    ...(replyTo === undefined ? {} : { "m.in_reply_to": { event_id: replyTo } }),
  };
  return { ...text, ...(replyTo === undefined ? {} : { "m.relates_to": relation }) };
}

/** Edits count only from the author, as clients apply them. */
function asSeen(oldestFirst: readonly MatrixEvent[]): SeenMessage[] {
  const seen = new Map<string, SeenMessage>();
  for (const event of oldestFirst) {
    // A redacted event is delivered with nothing left in it.
    if (event.type !== "m.room.message" || typeof event.content["body"] !== "string") continue;
    const relation = event.content["m.relates_to"] as
      | { rel_type?: string; event_id?: string }
      | undefined;
    if (relation?.rel_type !== "m.replace") {
      const { event_id: eventId, sender, content } = event;
      seen.set(eventId, { eventId, sender, content, edited: false, body: event.content["body"] });
      continue;
    }
    const before = seen.get(relation.event_id ?? "");
    const content = event.content["m.new_content"] as Record<string, unknown> | undefined;
    if (before?.sender !== event.sender || typeof content?.["body"] !== "string") continue;
    seen.set(before.eventId, { ...before, content, edited: true, body: content["body"] });
  }
  return [...seen.values()];
}

/** What a signed-in person can do; refused calls throw, except through `call`. */
export type Client = ReturnType<typeof clientOf>;

export function clientOf(url: string, account: Account) {
  let transactions = 0;
  // Unique over restarts of the test too: the server remembers transaction ids by device.
  const nextTxnId = (): string => `${account.deviceId}.${(transactions += 1)}`;

  const call = <T = Record<string, unknown>>(method: string, path: string, body?: unknown) =>
    callMatrix<T>(url, account.token, method, path, body);

  async function must<T = Record<string, unknown>>(
    method: string,
    path: string,
    body?: unknown,
  ): Promise<T> {
    const answer = await call<T>(method, path, body);
    if (answer.status === 200) return answer.body;
    throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
  }

  const roomPath = (room: string): string => `${V3}/rooms/${part(room)}`;

  async function send(
    room: string,
    type: string,
    content: unknown,
    txnId = nextTxnId(),
  ): Promise<string> {
    const path = `${roomPath(room)}/send/${type}/${part(txnId)}`;
    return (await must<{ event_id: string }>("PUT", path, content)).event_id;
  }

  /** Every event that the room's history shows to this person, oldest first. */
  async function timeline(room: string): Promise<MatrixEvent[]> {
    const newestFirst: MatrixEvent[] = [];
    for (let from: string | undefined = ""; from !== undefined;) {
      const page: { chunk: MatrixEvent[]; end?: string } = await must(
        "GET",
        `${roomPath(room)}/messages?dir=b&limit=100${from === "" ? "" : `&from=${part(from)}`}`,
      );
      newestFirst.push(...page.chunk);
      from = page.end;
    }
    return newestFirst.reverse();
  }

  return {
    ...account,
    call,
    must,
    send,
    timeline,

    async createRoom(room: NewRoom = {}): Promise<string> {
      const { room_id: roomId } = await must<{ room_id: string }>("POST", `${V3}/createRoom`, {
        preset: room.public === false ? "private_chat" : "public_chat",
        ...(room.alias === undefined ? {} : { room_alias_name: room.alias }),
        ...(room.name === undefined ? {} : { name: room.name }),
        ...(room.version === undefined ? {} : { room_version: room.version }),
        initial_state: room.encrypted
          ? [{ type: "m.room.encryption", content: { algorithm: "m.megolm.v1.aes-sha2" } }]
          : [],
      });
      return roomId;
    },

    /** By id or alias. */
    async join(room: string): Promise<string> {
      return (await must<{ room_id: string }>("POST", `${V3}/join/${part(room)}`, {})).room_id;
    },
    leave: (room: string) => must("POST", `${roomPath(room)}/leave`, {}),
    invite: (room: string, userId: string) =>
      must("POST", `${roomPath(room)}/invite`, { user_id: userId }),
    kick: (room: string, userId: string) =>
      must("POST", `${roomPath(room)}/kick`, { user_id: userId }),
    ban: (room: string, userId: string) =>
      must("POST", `${roomPath(room)}/ban`, { user_id: userId }),
    unban: (room: string, userId: string) =>
      must("POST", `${roomPath(room)}/unban`, { user_id: userId }),

    /** The event's id. */
    say: (room: string, body: string, options: SayOptions = {}): Promise<string> =>
      send(
        room,
        "m.room.message",
        { ...textContent(body, options), ...options.content },
        options.txnId ?? nextTxnId(),
      ),
    async redact(room: string, eventId: string, reason?: string): Promise<string> {
      const path = `${roomPath(room)}/redact/${part(eventId)}/${part(nextTxnId())}`;
      const body = reason === undefined ? {} : { reason };
      return (await must<{ event_id: string }>("PUT", path, body)).event_id;
    },
    react: (room: string, eventId: string, key: string): Promise<string> =>
      send(room, "m.reaction", {
        "m.relates_to": { rel_type: "m.annotation", event_id: eventId, key },
      }),

    /** The new room's id. */
    async upgrade(room: string, newVersion: string): Promise<string> {
      const body = { new_version: newVersion };
      return (await must<{ replacement_room: string }>("POST", `${roomPath(room)}/upgrade`, body))
        .replacement_room;
    },
    state: (room: string): Promise<MatrixEvent[]> => must("GET", `${roomPath(room)}/state`),
    setState: (room: string, type: string, content: unknown, key = "") =>
      must("PUT", `${roomPath(room)}/state/${type}/${part(key)}`, content),

    /** What a person reads in the room, oldest first. */
    messages: async (room: string): Promise<SeenMessage[]> => asSeen(await timeline(room)),

    setDisplayName: (displayname: string) =>
      must("PUT", `${V3}/profile/${part(account.userId)}/displayname`, { displayname }),
    /** Ends this client's own token. */
    logout: () => must("POST", `${V3}/logout`, {}),
  };
}
