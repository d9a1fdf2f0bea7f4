/**
 * Deliberate bugs, each as an exact piece of the source and what stands there instead. Each has to be caught by the
 * simulator; a piece that is not in its file any more has to be written anew.
 */
export interface Tooth {
  readonly name: string;
  readonly changes: readonly {
    /** Under `src`. */
    readonly file: string;
    readonly from: string;
    readonly to: string;
  }[];
}

const tooth = (name: string, file: string, from: string, to: string): Tooth => ({
  name,
  changes: [{ file, from, to }],
});

export const TEETH: readonly Tooth[] = [
  tooth(
    "a webhook is acknowledged before the commit",
    "http/webhooks.ts",
    "else await deps.relay.webhook(account, result.raw);",
    "else void deps.relay.webhook(account, result.raw).catch(() => undefined);",
  ),
  tooth(
    "an uncertain call is simply repeated",
    "core/outbox/delivery.ts",
    'return { kind: "look", dueAt: now + lookAfterMs(tries.attempts, random) };',
    'return { kind: "retry", dueAt: now + lookAfterMs(tries.attempts, random), plain: tries.plain };',
  ),
  tooth(
    "what waits to be tried again lets others pass",
    "core/outbox/lanes.ts",
    "if (!item.parked) break;",
    "if (!item.parked && item.attempts === 0) break;",
  ),
  tooth(
    "a retry is not written down before it is made",
    "core/stages/deliver.ts",
    "if (item.attempts > 0 || item.waited || isCut || !isFresh(lane, item, now))",
    "if (item.attempts < 0 && !isFresh(lane, item, now))",
  ),
  tooth(
    "a gate holds nothing back",
    "core/outbox/gate.ts",
    "closed: (source) => closed.has(sourceKey(source)),",
    "closed: () => false,",
  ),
  {
    name: "a gate sorts nothing",
    changes: [
      {
        file: "core/outbox/gate.ts",
        from: "ordOf: (source) => closed.get(sourceKey(source)),",
        to: "ordOf: () => undefined,",
      },
      {
        file: "core/gaps.ts",
        from: "state.lanes.regroup(source);\n    state.gates.open",
        to: "state.gates.open",
      },
    ],
  },
  {
    name: "our own posts are not recognised",
    changes: [
      {
        file: "core/stages/accept.ts",
        from: 'if (echo !== undefined) return { kind: "echo", event, echo };',
        to: "",
      },
      {
        file: "stores/accept.ts",
        from: 'if ((yield* tables.readMap(copyKey(event))) !== undefined) return { kind: "copy" };',
        to: "",
      },
    ],
  },
  tooth(
    "the channels of an account share a lane",
    "core/outbox/lanes.ts",
    "let found = lanes.get(id);",
    "let found = lanes.get(id) ?? [...lanes.values()].find((each) => each.account === laneParts(id).account);",
  ),
  tooth(
    "a message that meets a rate limit is dropped",
    "core/outbox/delivery.ts",
    "if (now - tries.firstTriedAt > GIVE_UP_AFTER_MS)",
    "if (/429|rate/u.test(outcome.reason) || now - tries.firstTriedAt > GIVE_UP_AFTER_MS)",
  ),
  tooth(
    "a split message begins anew after a crash",
    "core/outbox/lane.ts",
    "part: open.done.length,",
    "part: 0,",
  ),
  tooth(
    "a poll's place is kept before what it brought",
    "protocols/matrix/sync.ts",
    "const brought = await take(",
    "await io.reached(polled.sync.next_batch);\n    const brought = await take(",
  ),
  tooth(
    "nothing is looked for after a crash",
    "core/relay.ts",
    "open.attempts > 0 || entry.seq < before",
    "false",
  ),
  {
    name: "events are told apart by Slack's `event_id`, which history does not carry",
    changes: [
      {
        file: "protocols/slack/normalize.ts",
        from: "return normalizeMessage(account, channelId(event.channel), me, event);",
        to: "return normalizeMessage(account, channelId(event.channel), me, event).map((each) => ({ ...each, delivery: (raw as { event_id: string }).event_id }));",
      },
      {
        file: "core/event.ts",
        from: 'return event.kind === "message.reverted" ? event.version : "";',
        to: 'return event.kind === "message.reverted" ? event.version : ((event as { delivery?: string }).delivery ?? "");',
      },
    ],
  },
  tooth(
    "history is not read at a start",
    "core/channels.ts",
    "if (missed || gaps.isTold({ account, channel })) gaps.read({ account, channel });",
    "if (gaps.isTold({ account, channel })) gaps.read({ account, channel });",
  ),
  tooth(
    "an opened stream asks for no history",
    "core/relay.ts",
    "if (batch.opened) channels.opened(batch);",
    "",
  ),
  tooth(
    "a failed commit is answered with success",
    "core/relay.ts",
    "        void channels.gap(account, messageOf(error)).catch(() => undefined);\n        throw error;",
    "        void messageOf(error);",
  ),
  tooth(
    "all replies of a channel go into one thread",
    "core/stages/threads.ts",
    "if (found !== undefined) return found;",
    'const text = state.quotes.get(lane)?.text ?? found;\n    if (text !== undefined) {\n      state.quotes.set(lane, { name: "", text });\n      return text as MessageId;\n    }',
  ),
  tooth(
    "posts that an edit took away are taken for there",
    "stores/settle.ts",
    "sent.ids = [...sent.ids, ...made].filter((id) => !gone.includes(id));",
    "sent.ids = [...sent.ids, ...made];",
  ),
  tooth(
    "a room whose stream tells of no change is not read again",
    "core/rereads.ts",
    "if (known.size > 0) await accept(",
    "if (known.size < 0) await accept(",
  ),
  tooth(
    "a delete is forgotten while its message is being sent",
    "stores/accept.ts",
    'const over = event.kind === "message.edited" ? yield* waitingBefore(tables, event) : [key];',
    'const over = event.kind === "message.edited" ? yield* waitingBefore(tables, event) : [];',
  ),
  tooth(
    "a sweep does not go back to the last one",
    "core/audit.ts",
    "at(Math.min(now - WINDOW_MS, doneAt - YOUNG_MS - SKEW_MS))",
    "at(now - WINDOW_MS)",
  ),
  tooth(
    "a post is looked for from when our own clock says",
    "core/stages/look.ts",
    "const after = lookAfter(item, event);",
    "const after = item.uncertainSince;",
  ),
  tooth(
    "an old thread that is answered is not remembered",
    "core/alive.ts",
    "connector.now(at + ALIVE_MS) >= since ? [thread] : []",
    "[]",
  ),
  tooth(
    "what comes late does not say so",
    "core/rules/late.ts",
    "export const LATE_MS = 10 * 60_000;",
    "export const LATE_MS = 1e12;",
  ),
  tooth(
    "a new channel begins when it is found",
    "core/channels.ts",
    ": Math.max(state.startedAt, now - LONGEST_FIND_MS);",
    ": state.clock();",
  ),
];
