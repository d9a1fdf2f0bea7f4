/** The manifest of the Slack app that our features need; scopes and events that nothing uses are not asked for. */
export function slackManifest(options: {
  readonly name: string;
  readonly requestUrl: string;
}): object {
  const botName = options.name.toLowerCase().replaceAll(/[^a-z0-9]+/gu, "-");
  return {
    _metadata: { major_version: 1, minor_version: 1 },
    display_information: {
      name: options.name,
      description: "Relays this workspace's channels to other chats",
      background_color: "#1f2937",
    },
    features: { bot_user: { display_name: botName, always_online: true } },
    oauth_config: {
      scopes: {
        bot: [
          "chat:write",
          "chat:write.customize",
          "channels:read",
          "channels:history",
          "channels:join",
          "groups:read",
          "groups:history",
          "users:read",
          "files:read",
          "files:write",
        ],
      },
    },
    settings: {
      event_subscriptions: {
        request_url: options.requestUrl,
        bot_events: ["message.channels", "message.groups"],
      },
      org_deploy_enabled: false,
      socket_mode_enabled: false,
      token_rotation_enabled: false,
    },
  };
}
