/** A Matrix account as `check --live` sees it: the token, and each room with what the account may do there. */
import { absent, type Asked, type Finding } from "./finding.ts";
import { connectTo, watch } from "./live-http.ts";
import { askAt, findBase } from "./matrix-login-api.ts";
import { checkRooms, type RoomState } from "./matrix-login-rooms.ts";

export async function* askMatrix(asked: Asked): AsyncGenerator<Finding> {
  const { account, channels, clock } = asked;
  const { id: where, protocol, settings } = account;
  const token = settings.secret("Token");
  if (token === undefined && (settings.string("Login") ?? "") !== "")
    return void (yield {
      state: "skipped",
      where,
      what: "was not asked: a login here would end the session of the bridge that runs",
      fix: `for the check use a token: npm run footbridge -- matrix-login ${settings.string("Server")}`,
    });
  if (token === undefined)
    return void (yield absent(
      where,
      account.envName("Token"),
      `npm run footbridge -- matrix-login ${settings.string("Server")} gets it, and keeps it in .dev.vars`,
    ));
  const connector = connectTo(account, watch(true).http, clock);
  const identity = JSON.parse(await connector.identify()) as Readonly<Record<string, unknown>>;
  const me = String(identity["user_id"]);
  yield { state: "ok", where, what: `the Token works; the account is ${me}` };
  const ask = askAt(await findBase(settings.string("Server") ?? ""));
  const rooms = await checkRooms({ ask, token: token.reveal(), me, protocol }, channels);
  for (const room of rooms) yield findingOf(where, room);
}

function findingOf(account: string, { channel, state, todo }: RoomState): Finding {
  const where = `${account} ${channel}`;
  if (state.startsWith("joined")) {
    if (todo === undefined) return { state: "ok", where, what: state };
    return { state: "error", where, what: state, fix: todo };
  }
  if (state.startsWith("can be joined"))
    return { state: "ok", where, what: `${state}: Footbridge joins it by itself` };
  if (state.startsWith("is not told of")) return { state: "skipped", where, what: state };
  const unclear = state.startsWith("could not be checked");
  return {
    state: unclear ? "unknown" : "error",
    where,
    what: state,
    ...(todo === undefined ? {} : { fix: todo }),
  };
}
