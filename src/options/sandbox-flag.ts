import { Option, type Command } from 'commander';
import { sandboxKinds } from '../sandbox/index.ts';
import { oneOf } from './option-values.ts';

const flag = '--sandbox';

/** Describes `--sandbox` to commander. */
export function addSandboxOption(command: Command): Command {
  const option = new Option(
    `${flag} [=kind]`,
    'use a throwaway host on this machine in place of each real one: pristine (default), or self: a copy of this machine',
  );
  return command.addOption(option.argParser(oneOf(flag, sandboxKinds)).default(false));
}

/** Its value stands behind `=` alone, or `--sandbox site.ts` would take the playbook for it. */
export function spellSandbox(args: readonly string[]): string[] {
  const end = args.includes('--') ? args.indexOf('--') : args.length;
  return args.map((arg, index) => (arg === flag && index < end ? `${flag}=pristine` : arg));
}
