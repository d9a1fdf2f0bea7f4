/** What Synapse is told: alone on this machine, a SQLite file, and no limits unless asked for. */
import { randomBytes } from "node:crypto";
import { join } from "node:path";

/** Synapse's token bucket: `burst_count` at once, then `per_second`. */
export interface Rate {
  readonly per_second: number;
  readonly burst_count: number;
}

/** The limits that a test may switch on; those left out are as good as none. */
export interface RateLimits {
  /** Events sent by one user, of every type. */
  readonly message?: Rate;
  /** Logins, by address, by account and by failed attempts. */
  readonly login?: Rate;
  /** Joins of one user. */
  readonly joins?: Rate;
}

/** What stays the same through every restart. */
export interface Identity {
  readonly serverName: string;
  readonly port: number;
  readonly dataDir: string;
  readonly sharedSecret: string;
}

const NONE: Rate = { per_second: 100_000, burst_count: 1_000_000 };

const limitsOf = ({ message = NONE, login = NONE, joins = NONE }: RateLimits) => ({
  rc_message: message,
  rc_login: { address: login, account: login, failed_attempts: login },
  rc_joins: { local: joins, remote: joins },
  rc_joins_per_room: NONE,
  rc_registration: NONE,
  rc_room_creation: NONE,
  rc_invites: { per_room: NONE, per_user: NONE, per_issuer: NONE },
  rc_admin_redaction: NONE,
  rc_profile: NONE,
  rc_media_create: NONE,
});

/** `homeserver.yaml`, as JSON: all JSON is YAML. */
export const homeserverYaml = (
  { serverName, port, dataDir, sharedSecret }: Identity,
  limits: RateLimits,
): string =>
  JSON.stringify({
    server_name: serverName,
    public_baseurl: `http://127.0.0.1:${port}/`,
    pid_file: join(dataDir, "homeserver.pid"),
    listeners: [
      {
        port,
        type: "http",
        tls: false,
        bind_addresses: ["127.0.0.1"],
        resources: [{ names: ["client"], compress: false }],
      },
    ],
    database: { name: "sqlite3", args: { database: join(dataDir, "homeserver.db") } },
    log_config: join(dataDir, "log.yaml"),
    media_store_path: join(dataDir, "media"),
    signing_key_path: join(dataDir, "signing.key"),
    registration_shared_secret: sharedSecret,
    macaroon_secret_key: sharedSecret,
    form_secret: sharedSecret,
    bcrypt_rounds: 4,
    // It is called like a public server and must not talk to it, nor to anyone else.
    trusted_key_servers: [],
    federation_domain_whitelist: [],
    report_stats: false,
    url_preview_enabled: false,
    presence: { enabled: false },
    user_directory: { enabled: false },
    ...limitsOf(limits),
  });

export const logYaml = (dataDir: string): string =>
  JSON.stringify({
    version: 1,
    formatters: { line: { format: "%(asctime)s %(levelname)s %(name)s: %(message)s" } },
    handlers: {
      file: {
        class: "logging.FileHandler",
        formatter: "line",
        filename: join(dataDir, "homeserver.log"),
      },
    },
    root: { level: "WARNING", handlers: ["file"] },
    disable_existing_loggers: false,
  });

/** An ed25519 seed in Synapse's own file format. */
export const newSigningKey = (): string =>
  `ed25519 a_test ${randomBytes(32).toString("base64").replace(/[=]+$/u, "")}\n`;
