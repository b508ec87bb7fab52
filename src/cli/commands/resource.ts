import { join } from 'node:path';
import * as v from 'valibot';
import type { Resource } from '../../contract/index.ts';
import { ExitCode, PlayError, unknownName } from '../../errors/index.ts';
import { makeCommand } from '../../options/command.ts';
import { type LockFlags, addLockOptions } from '../../options/connection-flags.ts';
import { addDiffOption, type DiffFlag } from '../../options/diff-flag.ts';
import { addAmountOptions, addReportOption, noSelection, type Flags } from '../../options/flags.ts';
import { type HostFlags, addHostOptions } from '../../options/host-flags.ts';
import {
  Task,
  checkOptions,
  currentScope,
  definePlaybook,
  readOption,
  schemaRows,
  type Playbook,
  type TaskBody,
} from '../../playbook/index.ts';
import type { Launch } from '../../project/launch.ts';
import * as resources from '../../resources/index.ts';
import { prepareRun } from '../../run/index.ts';
import { Secret, type Redactor } from '../../secrets/index.ts';
import { openInventory, requestOf } from '../../targets/open-inventory.ts';
import { passphraseAsker, runPasswords } from '../../targets/passwords.ts';
import { parseWithConfig } from '../parse.ts';
import { telling } from './found-text.ts';
import { startRun } from './start-run.ts';

interface ResourceFlags extends HostFlags, LockFlags {
  readonly check: boolean;
  readonly diff: DiffFlag;
  readonly exitCode: boolean;
}

/** `play resource NAME option=value... -l PATTERN`: one task without a playbook, by the same engine. */
export async function runResourceCommand(args: readonly string[], launch: Launch, redactor: Redactor): Promise<number> {
  const described = makeCommand(
    'play resource',
    'Brings one resource to the state you want, on hosts, without a playbook.',
  );
  const command = addAmountOptions(addReportOption(addLockOptions(addHostOptions(described))))
    .argument('<resource>', 'apt, file, systemd ...: as in playbooks')
    .argument('[option=value...]', 'its options: lists separated by commas or as JSON, objects as JSON')
    .option('-C, --check', 'change nothing; say what would change', false)
    .option('--exit-code', 'with --check: exit with 3 when something would change', false)
    .addHelpText('after', () => optionsHelp(args.map(byName).find((one) => one !== undefined)));
  addDiffOption(command);
  await parseWithConfig(command, args, launch);
  const flags = command.opts<ResourceFlags>();
  const [name = '', ...words] = command.args;
  const resource = byName(name);
  if (!resource)
    throw unknownName(
      'resource',
      name,
      knownResources().map((one) => one.name),
    );
  const options = readWords(resource, words);
  if (flags.limit === undefined)
    throw new PlayError('On which hosts?', { hint: 'Name them with -l; -l all means every one.' });
  if (flags.exitCode && !flags.check)
    throw new PlayError('--exit-code is for --check: it says whether anything would change', { hint: 'Add -C.' });
  // Before a password is asked for: most mistakes are here.
  checkOptions(resource, options, () => undefined);
  const opened = await openInventory(flags, launch);
  const passwords = await runPasswords(flags);
  const prepared = prepareRun({
    ...requestOf(opened, passwords.become),
    playbook: playbookOf(resource, options),
    // Its folder is where relative files are looked for.
    file: join(process.cwd(), `play resource ${name}`),
    limit: flags.limit,
    tags: { only: [], skip: [] },
  });
  const login = { password: passwords.login, passphrase: passphraseAsker() };
  return await startRun({
    ...opened,
    kind: 'resource',
    prepared,
    flags: { ...noPlaybookFlags, ...flags },
    redactor,
    login,
  });
}

/** What a run without a playbook leaves open. */
export const noPlaybookFlags = {
  ...noSelection,
  typecheck: false,
  quiet: false,
  profile: false,
  report: [],
} satisfies Partial<Flags>;

type AnyResource = TaskBody['resource'];

/** Every resource play has, but for what only means something between other tasks. */
export function knownResources(): AnyResource[] {
  return Object.values(resources)
    .flatMap((one) => (typeof one === 'function' && 'resource' in one ? [one.resource as unknown as AnyResource] : []))
    .filter((one) => !one.flushesHandlers && one.addsHosts === undefined);
}

function byName(name: string): AnyResource | undefined {
  return knownResources().find((one) => one.name === name);
}

function readWords(resource: AnyResource, words: readonly string[]): Record<string, unknown> {
  const options: Record<string, unknown> = {};
  for (const word of words) {
    const at = word.indexOf('=');
    const [name, text] = [word.slice(0, at), word.slice(at + 1)];
    if (at < 1)
      throw new PlayError(`"${word}" is not an option of ${resource.name}`, {
        hint: `Options are written name=value; ${resource.name} has ${Object.keys(resource.options).join(', ')}.`,
      });
    if (!(name in resource.options))
      throw unknownName(`option of ${resource.name}`, name, Object.keys(resource.options));
    if (name in options)
      throw new PlayError(`The option "${name}" is given twice`, { hint: 'Write a list in one: name=curl,jq' });
    const value = readOption(Reflect.get(resource.options, name), text);
    // What is called a secret is masked in whatever the run prints.
    options[name] =
      typeof value === 'string' && /pass|secret|token/i.test(name) ? maskable(resource, name, value) : value;
  }
  return options;
}

function maskable(resource: AnyResource, name: string, text: string): unknown {
  const secret = new Secret(text, `${name} on the command line`);
  const schema: unknown = Reflect.get(resource.options, name);
  return v.safeParse(schema as v.GenericSchema, secret).success ? secret : text;
}

/**
 * A play for all hosts, which the limit cuts down. The task is made by hand: the place of its call is no place of the
 * user's.
 */
function playbookOf(resource: AnyResource, options: Readonly<Record<string, unknown>>): Playbook {
  return definePlaybook({
    name: `resource ${resource.name}`,
    hosts: 'all',
    tasks: () => {
      const checked = checkOptions(resource, options, () => undefined);
      return [
        new Task(
          { resource: telling(resource), options: checked },
          {},
          currentScope(),
          () => undefined,
          (resource as unknown as Resource).title(checked),
        ),
      ];
    },
  });
}

function optionsHelp(resource: AnyResource | undefined): string {
  if (!resource)
    return `\nResources: ${knownResources()
      .map((one) => one.name)
      .sort()
      .join(', ')}\nplay resource NAME --help shows the options of one.`;
  const rows = schemaRows(resource.options).filter(({ name }) => !name.includes('.'));
  const width = Math.max(...rows.map(({ name }) => name.length));
  const lines = rows.map(({ name, text }) => `  ${name.padEnd(width)}  ${text}`);
  return `\n${resource.name}: ${resource.summary}\n${lines.join('\n')}\n\nExit codes as of a playbook: ${ExitCode.ok} fine, ${ExitCode.hostFailed} a host failed, ${ExitCode.wouldChange} would change (-C --exit-code), ${ExitCode.unreachable} unreachable.`;
}
