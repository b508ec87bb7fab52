import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ExitCode, PlayError } from '../../../errors/index.ts';
import { stateFolder } from '../../../operator/failed-hosts.ts';
import { makeCommand, parseWith } from '../../../options/command.ts';
import { collect, positive } from '../../../options/option-values.ts';
import type { Launch } from '../../../project/launch.ts';
import { configName, existingPlaybook } from '../../../project/project.ts';
import type { Redactor } from '../../../secrets/index.ts';
import { openInventory } from '../../../targets/open-inventory.ts';
import { parseRun } from '../../parse.ts';
import { runPlaybook } from '../run.ts';
import { checkOut, commitIn } from './checkout.ts';
import { lockFolder } from './pull-lock.ts';

interface PullFlags {
  readonly url?: string;
  readonly checkout?: string;
  readonly directory?: string;
  readonly inventory: readonly string[];
  readonly limit?: string;
  readonly onlyIfChanged: boolean;
  readonly sleep?: number;
  readonly force: boolean;
  readonly full: boolean;
  readonly clean: boolean;
  readonly verifyCommit: boolean;
  readonly acceptHostKey: boolean;
  readonly check: boolean;
  readonly C?: string | true;
}

/** `play pull`: this host fetches its repository, and runs its own part of it. */
export async function runPullCommand(args: readonly string[], launch: Launch, redactor: Redactor): Promise<number> {
  const command = makeCommand('play pull', "Fetches a repository of playbooks, and runs this host's part of it here.")
    .argument('[playbook]', "a playbook in it (default: this host's playbooks/NAME.ts, else playbooks/local.ts)")
    .argument('[option...]', 'after --: options for the run (-t TAGS, -e VARS, -D, -v ...)')
    .option('-U, --url <url>', 'where the repository is, as git takes it')
    .option('--checkout <ref>', "a branch, tag or commit (default: the repository's default branch)")
    .option('-C [ref]', 'refused, as it is ambiguous: --checkout REF in ansible-pull, --check in play')
    .option('-d, --directory <folder>', 'where it is checked out (default: ~/.local/state/play/pull/HOST)')
    .option('-i, --inventory <file>', 'an inventory in the repository, or hosts with a comma', collect, [])
    .option('-l, --limit <pattern>', 'which host this is in the inventory (default: by its name)')
    .option('-o, --only-if-changed', 'run only if there is a new commit, or the last run failed', false)
    .option(
      '-s, --sleep <seconds>',
      'first wait a random time of up to this many seconds, so that not all hosts start at once',
      positive('--sleep'),
    )
    .option('-f, --force', 'run the existing checkout even if the repository cannot be fetched', false)
    .option('--full', 'fetch the full history, not only the last commit', false)
    .option('--clean', 'discard changes made by hand in the folder', false)
    .option('--verify-commit', 'run only a commit with a good signature from a key that git knows', false)
    .option('--accept-host-key', 'accept the key of a git server that ssh does not know yet', false)
    .option('--check', 'change nothing on this host; say what would change', false)
    .option('--debug', 'show stack traces with errors', false);
  const cut = args.includes('--') ? args.indexOf('--') : args.length;
  parseWith(command, args.slice(0, cut));
  const flags = command.opts<PullFlags>();
  if (flags.C !== undefined)
    throw new PlayError('-C is --checkout REF in ansible-pull, and --check in play', {
      hint: 'Write out the one you mean.',
    });
  if (flags.url === undefined)
    throw new PlayError('From where? play pull needs -U URL', { hint: 'Any address that git clone takes.' });
  if (command.args.length > 1)
    throw new PlayError(`Only one playbook: ${command.args.join(', ')}`, {
      hint: 'Options for the run come after --.',
    });
  const directory = resolve(flags.directory ?? join(stateFolder(), 'pull', hostname()));
  if (flags.sleep !== undefined) await sleep(Math.random() * flags.sleep * 1000);
  mkdirSync(dirname(directory), { recursive: true, mode: 0o700 });
  const lock = lockFolder(`${directory}.lock`);
  if ('heldBy' in lock) {
    process.stderr.write(
      `play pull is at work in ${directory} already (pid ${lock.heldBy.pid}); this one leaves it alone\n`,
    );
    return ExitCode.held;
  }
  process.once('exit', lock.unlock);
  const commit = fetched(flags, flags.url, directory);
  const done = `${directory}.done`;
  if (flags.onlyIfChanged && !flags.check && existsSync(done) && readFileSync(done, 'utf8').trim() === commit) {
    process.stdout.write(`nothing new: ${commit.slice(0, 12)} was already run, and succeeded\n`);
    return ExitCode.ok;
  }
  process.chdir(directory);
  const playbook = playbookOf(command.args[0], directory);
  const more = args.slice(cut + 1);
  const where = flags.inventory.length === 0 && !hasInventory(directory) ? [`${hostname()},`] : flags.inventory;
  const given = [
    playbook,
    ...where.flatMap((one) => ['-i', one]),
    '-c',
    'local',
    ...(flags.check ? ['--check'] : []),
    ...more,
  ];
  const run = [...given, '-l', flags.limit ?? (await ownName(given, launch, join(directory, playbook)))];
  // What is recorded, and told to others, is what it comes to.
  process.argv = [...process.argv.slice(0, 2), ...run];
  process.stderr.write(`${commit.slice(0, 12)} of ${flags.url}\n`);
  const exit = await runPlaybook(run, launch, redactor);
  if (exit === ExitCode.ok && !flags.check) writeFileSync(done, `${commit}\n`, { mode: 0o600 });
  return exit;
}

function fetched(flags: PullFlags, url: string, directory: string): string {
  try {
    return checkOut({ ...flags, url, directory, ref: flags.checkout });
  } catch (thrown) {
    const there = commitIn(directory);
    if (!flags.force || !(thrown instanceof PlayError) || there === undefined) throw thrown;
    process.stderr.write(`${thrown.message}: going on with ${there.slice(0, 12)}, as --force says\n`);
    return there;
  }
}

/** By what name an inventory may know this host. */
function names(): string[] {
  const whole = hostname();
  return [...new Set([whole, whole.split('.')[0] ?? whole])];
}

function playbookOf(named: string | undefined, directory: string): string {
  const wanted = named === undefined ? [...names(), 'local'] : [named];
  const places = wanted.flatMap((name) => [join('playbooks', name), name]);
  const found = places.find((place) => existingPlaybook(join(directory, place)) !== undefined);
  if (found !== undefined) return found.endsWith('.ts') ? found : `${found}.ts`;
  throw new PlayError(`The repository has no playbook ${wanted.join(', ')}`, {
    hint: `Looked for ${places.map((place) => `${place}.ts`).join(', ')}. Name one: play pull -U URL PLAYBOOK`,
  });
}

function hasInventory(directory: string): boolean {
  return existsSync(join(directory, 'inventory')) || existsSync(join(directory, configName));
}

/** This host in the inventory. @throws PlayError where it is not there */
async function ownName(args: readonly string[], launch: Launch, playbook: string): Promise<string> {
  const { flags } = await parseRun(args, launch);
  const { inventory } = await openInventory(flags, launch, { playbook });
  const known = [...names(), 'localhost'].find((name) => inventory.hosts.has(name));
  if (known !== undefined) return known;
  throw new PlayError(`The inventory of the repository has no host ${names().join(' or ')}, nor localhost`, {
    hint: 'Say which host this is there: -l NAME',
  });
}
