/** The manifest of the Slack app that our features need; scopes and events that nothing uses are not asked for. */
export function slackManifest(options: {
  readonly name: string;
  /** Where Slack sends events; absent in Socket Mode, where the bridge fetches them. */
  readonly requestUrl?: string | undefined;
  /** Topics are to be set: an app that only reads them is not let change them. */
  readonly setsTopics?: boolean;
  /** Somebody wants to know who joins and leaves. */
  readonly hearsMembers?: boolean;
}) {
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
          "reactions:read",
          "reactions:write",
          ...(options.setsTopics === true ? ["channels:write.topic", "groups:write.topic"] : []),
        ],
      },
    },
    settings: {
      event_subscriptions: {
        ...(options.requestUrl === undefined ? {} : { request_url: options.requestUrl }),
        bot_events: [
          "message.channels",
          "message.groups",
          "reaction_added",
          "reaction_removed",
          ...(options.hearsMembers === true
            ? ["member_joined_channel", "member_left_channel"]
            : []),
        ],
      },
      org_deploy_enabled: false,
      socket_mode_enabled: options.requestUrl === undefined,
      token_rotation_enabled: false,
    },
  };
}
