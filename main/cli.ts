#!/usr/bin/env node
import { enableCompileCache } from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';

// Before anything of ours is loaded: what was compiled once is not compiled again, a third of the start-up time.
enableCompileCache(join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'mirrorfleet', 'compiled'));
const { commandLine } = await import('./terminal/command-line.ts');

/** The terminal door. */
process.exitCode = await commandLine(process.argv.slice(2), async (output, options) =>
  (await import('./serve.ts')).runUntilEnded(output, options),
);
if (process.stdin.isTTY) process.stdin.unref();
else process.stdin.destroy();
