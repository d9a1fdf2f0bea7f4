/** Settings of matrix-appservice-slack that have no counterpart, and why. */

/** What becomes of each top-level key that has no counterpart. */
export const GONE = new Map<string, string>(
  Object.entries({
    username_prefix: "there are no ghost users: the author's name and face go with each message",
    db: "Footbridge keeps its own state; of the old database only the pairs of channels and rooms are needed",
    dbdir: "Footbridge keeps its own state",
    rtm: "Slack has ended RTM for new apps: events come by webhook, or by Socket Mode in the container",
    slack_hook_port: "the Worker has an address of its own; the container listens on PORT",
    inbound_uri_prefix:
      "Slack's events go to <where Footbridge runs>/slack/<account>/events: footbridge -- urls",
    oauth2: "each workspace has an app of its own, made from a link: footbridge -- slack-app",
    puppeting: "nobody is puppeted: the bridge speaks for all",
    provisioning: "channels are configured in the file",
    team_sync: "channels and rooms are named one by one in [[gateway]]",
    encryption: "encrypted rooms are refused",
    bot_profile: "set the name and face of the Matrix account in a Matrix client",
    logging: "LOG_LEVEL decides what is logged",
    enable_metrics: "/metrics is always there, behind ADMIN_TOKEN",
    tls: "put a proxy with TLS in front of the container; the Worker has it",
    rmau_limit: "there is no such limit",
    auth_interval_ms: "tokens are tried when they are used",
    matrix_admin_room_commands: "there are no commands in a room",
  }),
);

/** And of each key of `homeserver`. */
export const GONE_THERE = new Map<string, string>(
  Object.entries({
    media_url: "files are fetched from the homeserver's public address",
    max_upload_size: "MediaDownloadSize limits the files that are carried over (1 MB unless set)",
    appservice_port:
      "Footbridge is no application service: nothing of it has to be reached by the homeserver",
    appservice_host:
      "Footbridge is no application service: nothing of it has to be reached by the homeserver",
  }),
);
