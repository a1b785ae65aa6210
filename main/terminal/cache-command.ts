import { Command } from 'commander';
import { addListCommand } from './cache-list.ts';
import { addPinCommands } from './cache-pins.ts';
import { addPruneCommand } from './cache-prune.ts';
import { addScheduleCommand } from './cache-schedule.ts';
import { addScrubCommand } from './cache-scrub.ts';
import type { WithSession } from './node-command.ts';

/** `mirrorfleet cache …`: what a node holds, freeing it safely while it serves, and what stays for ever. */
export function cacheCommand(withSession: WithSession): Command {
  const cache = new Command('cache').description("a node's cached images");
  addListCommand(cache, withSession);
  addPruneCommand(cache, withSession);
  addPinCommands(cache, withSession);
  addScheduleCommand(cache, withSession);
  addScrubCommand(cache, withSession);
  return cache;
}
