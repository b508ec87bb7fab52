import { join } from 'node:path';
import { BecomeFailed, type Connection } from '../../../connection/index.ts';
import { ExitCode, PlayError } from '../../../errors/index.ts';
import type { BackupFlags } from '../../../options/backup-flags.ts';
import { makeCommand } from '../../../options/command.ts';
import { addLockOptions, type LockFlags } from '../../../options/connection-flags.ts';
import { addDiffOption, type DiffFlag } from '../../../options/diff-flag.ts';
import { addHostOptions, type HostFlags } from '../../../options/host-flags.ts';
import type { NotifyFlags } from '../../../options/notify-flags.ts';
import { collect } from '../../../options/option-values.ts';
import { definePlaybook, type Playbook, type Task } from '../../../playbook/index.ts';
import { foldKept, keptSh, parseKeptRecord, type FoldedFile, type KeptRecord } from '../../../probes/index.ts';
import type { Launch } from '../../../project/launch.ts';
import { readEntries, type RecordEntry } from '../../../report/index.ts';
import { restoredFiles } from '../../../resources/files/restored-files.ts';
import { prepareRun } from '../../../run/index.ts';
import type { Redactor } from '../../../secrets/index.ts';
import { chooseHosts, type ChosenHosts } from '../../../targets/chosen-hosts.ts';
import { openInventory, requestOf } from '../../../targets/open-inventory.ts';
import { passphraseAsker, runPasswords } from '../../../targets/passwords.ts';
import { parseWithConfig } from '../../parse.ts';
import { findRecord, keptRecords } from '../find-record.ts';
import { ask, onHosts, rootLane } from '../on-hosts.ts';
import { noPlaybookFlags } from '../resource.ts';
import { startRun } from '../start-run.ts';
import { notUndone } from './not-undone.ts';

interface RestoreFlags extends HostFlags, LockFlags, NotifyFlags, BackupFlags {
  readonly check: boolean;
  readonly diff: DiffFlag;
  readonly exitCode: boolean;
  readonly forceChanged: boolean;
  readonly only: readonly string[];
}

/** What a host keeps of the run. */
interface Kept {
  /** Whose records they are: those of root, or of who logs in. */
  readonly isRoot: boolean;
  readonly folder: string;
  readonly files: readonly FoldedFile[];
}

/** `play restore-files RUN`: files as they were before a run, as a run of its own. */
export async function runRestoreFilesCommand(
  args: readonly string[],
  launch: Launch,
  redactor: Redactor,
): Promise<number> {
  const command = addLockOptions(
    addHostOptions(
      makeCommand(
        'play restore-files',
        'Puts back the files that a run changed, as they were before it; refuses if one has changed since. Says what of that run it does not undo.',
      ),
    ),
  )
    .argument('<run>', "a run's id or its beginning, or 1 for the last run other than a check, 2 for the one before")
    .option('--only <path>', 'only this path; may be given several times', collect, [])
    .option('--force-changed', 'also files that have changed since that run', false)
    .option('-C, --check', 'change nothing; say what would change', false)
    .option('--exit-code', 'with --check: exit with 3 when something would change', false);
  addDiffOption(command);
  await parseWithConfig(command, args, launch);
  const flags = command.opts<RestoreFlags>();
  if (flags.exitCode && !flags.check)
    throw new PlayError('--exit-code is for --check: it says whether anything would change', { hint: 'Add -C.' });
  const { id, entries, hosts } = meantRun(command.args[0] ?? '', flags.limit);
  if (flags.sandbox === false && wasSandboxed(entries))
    throw new PlayError(`${id} was a run of throwaway hosts, and this is for the real ones`, {
      hint: 'Add --sandbox.',
    });
  const chosen = await chooseHosts({ flags, launch, redactor, pattern: hosts });
  const kept = new Map<string, readonly Kept[]>();
  const exit = await onHosts({
    flags,
    redactor,
    chosen,
    recap: false,
    async work(host, open) {
      kept.set(host, chosenFiles(await keptOn(host, id, await open(), chosen), flags.only));
    },
  });
  if (exit !== ExitCode.ok) return exit;
  const meant = [...kept].flatMap(([host, some]) => (some.length > 0 ? [host] : []));
  refuseUnknownPaths(flags.only, kept);
  if (meant.length === 0)
    throw new PlayError(`Nothing of ${id} is kept on ${chosen.hosts.join(', ')}`, {
      hint: 'It changed no files there, or it was too long ago: `backups` of play.config.ts says for how long files are kept.',
    });
  const opened = await openInventory(flags, launch);
  const passwords = await runPasswords(flags);
  const prepared = prepareRun({
    ...requestOf(opened, passwords.become),
    playbook: restoring(kept, { force: flags.forceChanged, entries, id }),
    file: join(process.cwd(), 'play restore-files'),
    limit: meant.join(','),
    tags: { only: [], skip: [] },
  });
  return await startRun({
    ...opened,
    kind: 'restore-files',
    needs: [id],
    prepared,
    flags: { ...noPlaybookFlags, ...flags },
    redactor,
    login: { password: passwords.login, passphrase: passphraseAsker() },
  });
}

/** The run, as far as it is on record here, and a pattern of its hosts. That of somebody else is named by its whole id, with -l. */
function meantRun(
  wanted: string,
  limit: string | undefined,
): { readonly id: string; readonly entries: readonly RecordEntry[] | undefined; readonly hosts: string } {
  const all = keptRecords();
  // Who counts back means those that changed something: a check of this very command is no step back.
  const records = /^\d{1,5}$/.test(wanted)
    ? all.filter(({ text }) => startOf(readEntries(text()))?.['check'] !== true)
    : all;
  const isOthers = /^\d{8}T[\w.]{6,20}-[0-9a-f]{6}$/.test(wanted) && !records.some(({ id }) => id === wanted);
  if (isOthers && limit !== undefined) return { id: wanted, entries: undefined, hosts: 'all' };
  const { id, text } = findRecord(records, wanted, "To name somebody else's run, give its whole id, with -l HOSTS.");
  const entries = readEntries(text());
  const start = startOf(entries);
  if (start?.['check'] === true)
    throw new PlayError(`${id} ran in check mode: it changed nothing`, { hint: 'play log lists the runs.' });
  const hosts = Array.isArray(start?.['hosts']) ? start['hosts'].map(String) : [];
  if (hosts.length === 0) throw new PlayError(`${id} had no hosts`, { hint: 'play log lists the runs.' });
  return { id, entries, hosts: hosts.join(',') };
}

/** Real hosts of the same names know nothing of it, and need not be asked. */
function wasSandboxed(entries: readonly RecordEntry[] | undefined): boolean {
  const args = startOf(entries ?? [])?.['args'];
  return Array.isArray(args) && args.some((arg) => arg === '--sandbox' || String(arg).startsWith('--sandbox='));
}

function startOf(entries: readonly RecordEntry[]): RecordEntry | undefined {
  return entries.find(({ event }) => event === 'start');
}

const isThere = 'test -e /var/lib/play/backups';

/** What the login user and root keep of a run. Without becoming root where root keeps nothing. */
async function keptOn(host: string, id: string, connection: Connection, chosen: ChosenHosts): Promise<Kept[]> {
  const read = { script: `run=$1; ${keptSh}`, args: [id], timeout: 60, maxOutput: 32 * 1024 * 1024 };
  const keptOf = ({ folder, files }: KeptRecord, isRoot: boolean): Kept[] =>
    files.length === 0 ? [] : [{ isRoot, folder, files: foldKept(files) }];
  const login = await connection.lane();
  const own = parseKeptRecord(id, (await ask(login, host, read)).stdout.toString('utf8'));
  if (login.greeting.uid === 0) return keptOf(own, true);
  const { code } = await ask(login, host, { script: isThere, timeout: 30 }, [1]);
  if (code !== 0) return keptOf(own, false);
  try {
    const root = await rootLane(host, connection, chosen);
    const roots = parseKeptRecord(id, (await ask(root, host, read)).stdout.toString('utf8'));
    return [...keptOf(own, false), ...keptOf(roots, true)];
  } catch (thrown) {
    if (!(thrown instanceof BecomeFailed)) throw thrown;
    throw new PlayError(`${host}: what is kept of root's runs cannot be read`, {
      exitCode: ExitCode.hostFailed,
      hint: `${thrown.message}. Give the sudo password with -K.`,
    });
  }
}

function chosenFiles(kept: readonly Kept[], only: readonly string[]): Kept[] {
  return kept
    .map((one) => ({ ...one, files: one.files.filter(({ file }) => only.length === 0 || only.includes(file.path)) }))
    .filter(({ files }) => files.length > 0);
}

function refuseUnknownPaths(only: readonly string[], kept: ReadonlyMap<string, readonly Kept[]>): void {
  const known = new Set(
    [...kept.values()].flatMap((some) => some.flatMap(({ files }) => files.map(({ file }) => file.path))),
  );
  const wrong = only.find((path) => !known.has(path));
  if (wrong !== undefined)
    throw new PlayError(`That run changed no ${wrong}, or it is not kept`, {
      hint: 'play log RUN shows what it changed.',
    });
}

interface Restoring {
  readonly id: string;
  readonly force: boolean;
  /** The record of the run; undefined where it is not here. */
  readonly entries: readonly RecordEntry[] | undefined;
}

function restoring(kept: ReadonlyMap<string, readonly Kept[]>, { id, force, entries }: Restoring): Playbook {
  return definePlaybook({
    name: `restore the files of ${id}`,
    hosts: 'all',
    tasks: ({ host }) => {
      const some = kept.get(host.name) ?? [];
      const left = notUndone(
        entries,
        host.name,
        new Set(some.flatMap(({ files }) => files.map(({ file }) => file.task))),
      );
      return some.map(({ isRoot, folder, files }, i): Task =>
        restoredFiles(
          { files, folder, force, notUndone: i === 0 ? [...left] : [] },
          {
            name: `restore ${files.length === 1 ? (files[0]?.file.path ?? '') : `${files.length} files`}`,
            become: isRoot,
          },
        ),
      );
    },
  });
}
