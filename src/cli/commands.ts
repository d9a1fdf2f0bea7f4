/** All commands, in the order in which they are needed. */
import { checkCommand } from "./check-command.ts";
import type { Command } from "./command.ts";
import { convertCommand } from "./convert-command.ts";
import { initCommand } from "./init-command.ts";
import { matrixLoginCommand } from "./login-command.ts";
import { operations } from "./operate-commands.ts";
import { secretsCommand } from "./secrets-command.ts";
import { slackAppCommand } from "./slack-app-command.ts";
import { tailCommand } from "./tail-command.ts";
import { planCommand, urlsCommand } from "./urls-command.ts";

export const commands: readonly Command[] = [
  initCommand,
  convertCommand,
  checkCommand,
  planCommand,
  slackAppCommand,
  urlsCommand,
  matrixLoginCommand,
  secretsCommand,
  ...operations.slice(0, 1),
  tailCommand,
  ...operations.slice(1),
];
