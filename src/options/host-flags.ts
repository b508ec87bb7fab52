import type { Command } from 'commander';
import { addConnectionOptions, addSandboxOption, type ConnectionFlags, type SandboxFlags } from './connection-flags.ts';
import { addInventoryOptions, type InventoryFlags } from './flags.ts';
import { oneOf, positive } from './option-values.ts';

/** What every command takes that connects to hosts. */
export interface HostFlags extends InventoryFlags, ConnectionFlags, SandboxFlags {
  readonly forks: number;
  readonly output: 'human' | 'jsonl';
  /** How often -v was given. */
  readonly verbose: number;
}

/** Those that say which hosts, and how they are reached. */
export type ReachFlags = Omit<HostFlags, 'output'>;

/** Describes these to commander. */
export function addHostOptions(command: Command): Command {
  return addSandboxOption(addConnectionOptions(addInventoryOptions(command)))
    .option('-f, --forks <n>', 'hosts at once (default: 50)', positive('--forks'), 50)
    .option(
      '--output <form>',
      'human (default), or jsonl: one JSON object per line',
      oneOf('--output', ['human', 'jsonl']),
      'human',
    )
    .option('-v, --verbose', 'say more', (_: string, count: number) => count + 1, 0);
}
