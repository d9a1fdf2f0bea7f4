/** The typed configuration: what `load.ts` makes of a `matterbridge.toml` and an environment. */
import type { Problem } from "../errors.ts";
import type { AccountId } from "../ids.ts";
import type { User } from "./users.ts";
import type {
  CarryFile,
  Clock,
  Connector,
  CopyFile,
  Hmac,
  Http,
  Logger,
  Secret,
} from "../ports.ts";

/** One setting that can stand in an account section or in `[general]`. Keys are matched without case. */
export interface KeySpec {
  readonly name: string;
  /**
   * `pairs` is `[["regex","replacement"],...]`; `secret` never prints; `secrets` is one secret or a list of them;
   * `strings` is a list or a whitespace-separated string. Booleans and numbers may be written as strings.
   */
  readonly type: "string" | "bool" | "int" | "strings" | "pairs" | "secret" | "secrets";
  readonly default?: string | boolean | number;
  /** For the configuration reference: what it does, with unit and limits. */
  readonly doc: string;
  /** Known to Matterbridge, without effect here: a warning with this reason. */
  readonly unsupported?: string;
}

export type Value =
  | string
  | boolean
  | number
  | readonly string[]
  | readonly (readonly [string, string])[]
  | Secret
  | readonly Secret[];

/** Settings of one account: its own, else `[general]`'s, else the default. Undefined where none is set. */
export interface Settings {
  string(key: string): string | undefined;
  bool(key: string): boolean;
  int(key: string): number | undefined;
  strings(key: string): readonly string[];
  pairs(key: string): readonly (readonly [string, string])[];
  secret(key: string): Secret | undefined;
  secrets(key: string): readonly Secret[];
}

export interface AccountConfig {
  readonly id: AccountId;
  readonly protocol: string;
  readonly name: string;
  readonly settings: Settings;
  /** Environment variable that would set `key`: `MATTERBRIDGE_SLACK_MYTEAM_TOKEN`. */
  readonly envName: (key: string) => string;
  /** Whether the file wants `key` from a variable, set or not: `AppToken="${...}"` tells of Socket Mode before the token is here. */
  readonly names: (key: string) => boolean;
}

/** A channel of a gateway as it is written in the file. */
export interface Leg {
  readonly account: AccountId;
  /** As written: `general`, `ID:C123`, `org/room`. */
  readonly channel: string;
  readonly in: boolean;
  readonly out: boolean;
}
export interface Gateway {
  readonly name: string;
  readonly legs: readonly Leg[];
}

/** Where the bridge says what is wrong with itself. */
export interface AdminChannel {
  readonly account: AccountId;
  /** As written, like a leg's. */
  readonly channel: string;
}

export interface Config {
  readonly general: Settings;
  readonly admin?: AdminChannel;
  /** Only accounts that an enabled gateway uses. */
  readonly accounts: ReadonlyMap<AccountId, AccountConfig>;
  /** Enabled gateways only. */
  readonly gateways: readonly Gateway[];
  /** People whose ids in several accounts are known. */
  readonly users: readonly User[];
  readonly warnings: readonly Problem[];
}

/** What a connector is made from. */
export interface ConnectorDeps {
  readonly http: Http;
  readonly copy: CopyFile;
  readonly carry: CarryFile;
  readonly hmac: Hmac;
  readonly clock: Clock;
  readonly log: Logger;
  /** Persisted id of this instance of the bridge; goes into the metadata of what it posts. */
  readonly instance: string;
  /** The host keeps running for days: what has to be done at each start, such as logging in, may be done. */
  readonly longLived: boolean;
}

/** What the registry knows of a protocol. */
export interface Protocol {
  readonly name: string;
  /** Settings of this protocol beyond the ones that every account has. */
  readonly keys: readonly KeySpec[];
  /** Checks across keys, and of channel names: problems with `path` relative to the account's table. */
  check(account: AccountConfig, channels: readonly string[]): readonly Problem[];
  /** What to write in place of a `[[user]]`'s id that is none; undefined where it is one. */
  checkUser?(account: AccountConfig, id: string): string | undefined;
  connect(account: AccountConfig, deps: ConnectorDeps): Connector;
  /** Secrets that the account cannot work without, by key. */
  readonly requiredSecrets: (account: AccountConfig) => readonly string[];
}
