import { logWhole } from '../../../engine/index.ts';
import { ExitCode, PlayError } from '../../../errors/index.ts';
import { promptLine } from '../../../operator/prompt.ts';
import { makeCommand } from '../../../options/command.ts';
import { addHostOptions, type HostFlags } from '../../../options/host-flags.ts';
import { collect, positive } from '../../../options/option-values.ts';
import type { Launch } from '../../../project/launch.ts';
import { said, shownLines } from '../../../report/index.ts';
import type { Redactor } from '../../../secrets/index.ts';
import { chooseHosts, type ChosenHosts } from '../../../targets/chosen-hosts.ts';
import { parseWithConfig } from '../../parse.ts';
import { heldText } from '../held-host.ts';
import { ask, onHosts, rootLane } from '../on-hosts.ts';
import { recorded, type Recorded } from '../recorded.ts';
import { decodeBig, decodeDeleted, deleteFiles, listBig, type Big, type Disk } from './big-script.ts';
import { ageText, parseSize, sizeText, worthTelling } from './sizes.ts';

interface BigFlags extends HostFlags {
  readonly min?: string;
  readonly top: number;
  readonly crashDumps: boolean;
  readonly name: readonly string[];
  readonly delete: boolean;
  readonly check: boolean;
  readonly ignoreHold: boolean;
}

/** `play find-big [PATH] -l PATTERN`: what fills the disks of hosts, in one table; crash dumps deleted when asked to. */
export async function runFindBigCommand(args: readonly string[], launch: Launch, redactor: Redactor): Promise<number> {
  const command = addHostOptions(
    makeCommand(
      'play find-big',
      'Lists what is big on hosts, in one table: files, folders, and deleted files that are still open. Stays in one file system, and follows no links. Changes nothing without --delete.',
    ),
  )
    .argument('[path]', 'the folder to look into (default: /)')
    .option('--min <size>', 'from this size on: 500M, 2G (default: 100M; of crash dumps and --name all)')
    .option('--top <n>', 'how many to list (default: 20)', positive('--top'), 20)
    .option('--crash-dumps', 'only what crashes leave: *.hprof, hs_err_pid*, cores, /var/crash', false)
    .option('--name <glob>', 'only files of this name; may be given several times', collect, [])
    .option('--delete', 'delete the files listed, after a question; needs --crash-dumps or --name', false)
    .option('--ignore-hold', 'also on hosts that somebody holds', false)
    .option('-C, --check', 'with --delete: list only', false);
  await parseWithConfig(command, args, launch);
  const flags = command.opts<BigFlags>();
  if (flags.limit === undefined)
    throw new PlayError('On which hosts?', { hint: 'Name them with -l; -l all means every one.' });
  const [path = '/'] = command.args;
  refuseContradictions(flags, path);
  const isSome = flags.crashDumps || flags.name.length > 0;
  const min = parseSize('--min', flags.min ?? (isSome ? '1' : '100M'));
  const chosen = await chooseHosts({ flags, launch, redactor, pattern: 'all' });
  const work = { flags, redactor, chosen };
  const { exit, listed, disks } = await list(work, path, min);
  const table = listed.slice(0, flags.top);
  showTable(work, table, listed.length - table.length, disks);
  const files = table.filter(({ kind }) => kind === 'file');
  const hasDelete = flags.delete && !flags.check && files.length > 0;
  if (!hasDelete || !(await isConfirmed(files))) return finish(flags, exit);
  const deleted = await recorded(
    { kind: 'find-big', hosts: [...new Set(files.map(({ host }) => host))], redactor },
    (record) => deleteThem(work, files, record),
  );
  return finish(flags, Math.max(exit, deleted));
}

interface Work {
  readonly flags: BigFlags;
  readonly redactor: Redactor;
  readonly chosen: ChosenHosts;
}

function refuseContradictions(flags: BigFlags, path: string): void {
  if (!path.startsWith('/'))
    throw new PlayError(`"${path}" is not an absolute path`, { hint: 'Such as /var. The hosts are named with -l.' });
  if (flags.crashDumps && flags.name.length > 0)
    throw new PlayError('--crash-dumps and --name contradict each other', { hint: 'Leave one of them out.' });
  if (flags.delete && !flags.crashDumps && flags.name.length === 0)
    throw new PlayError('--delete needs to know what may go', {
      hint: 'Give --crash-dumps, or --name "*.hprof": a file that is merely big may be a database.',
    });
}

async function list(
  { flags, redactor, chosen }: Work,
  folder: string,
  min: number,
): Promise<{ readonly exit: number; readonly listed: readonly Big[]; readonly disks: ReadonlyMap<string, Disk> }> {
  const disks = new Map<string, Disk>();
  const found: Big[] = [];
  const what = flags.crashDumps ? 'dumps' : flags.name.length > 0 ? 'named' : 'all';
  const exit = await onHosts({
    flags,
    redactor,
    chosen,
    recap: false,
    async work(host, open) {
      const lane = await rootLane(host, await open(), chosen);
      // Folders are told by what lies in them beside the files, so more files are looked at than shown.
      const most = Math.max(flags.top + 1, 500);
      const { stdout } = await ask(lane, host, listBig({ folder, min, top: most, what, names: flags.name }));
      const { disk, found: here } = decodeBig(host, stdout);
      if (disk !== undefined) disks.set(host, disk);
      found.push(...worthTelling(here, min));
    },
  });
  return { exit, listed: found.toSorted((a, b) => b.size - a.size), disks };
}

function showTable(
  { flags, redactor, chosen }: Work,
  table: readonly Big[],
  more: number,
  disks: ReadonlyMap<string, Disk>,
): void {
  const print = (lines: readonly string[]): boolean => process.stdout.write(shownLines(lines, redactor));
  if (flags.output === 'jsonl') {
    for (const [host, disk] of disks) writeEvent(redactor, { event: 'disk', host, ...disk });
    for (const { id: _, modified, ...one } of table)
      writeEvent(redactor, {
        event: 'big',
        ...one,
        process: one.process ?? null,
        modified: modified === undefined ? null : new Date(modified * 1000).toISOString(),
      });
    return;
  }
  const width = Math.max(...chosen.hosts.map((host) => host.length));
  const now = Date.now() / 1000;
  for (const host of chosen.hosts) {
    const disk = disks.get(host);
    if (disk !== undefined)
      print([
        `${host.padEnd(width)}  ${said(disk.mount)} is ${disk.used}% full: ${sizeText(disk.free)} of ${sizeText(disk.total)} are free`,
      ]);
  }
  for (const { host, size, modified, path, kind, process: holder } of table) {
    const age = modified === undefined ? '' : ageText(now - modified);
    const note =
      kind === 'folder'
        ? `${path === '/' ? '' : '/'}  (what else is in it)`
        : kind === 'deleted'
          ? `  (deleted, still open in ${said(holder ?? '')}: restart it to free the space)`
          : '';
    print([`${host.padEnd(width)}  ${sizeText(size).padStart(5)}  ${age.padStart(4)}  ${said(path)}${note}`]);
  }
  if (table.length === 0 && disks.size > 0) print(['nothing of that size or name was found']);
  if (more > 0) print([`${more} more: --top lists them`]);
}

/** Whether whoever sits at the terminal types what is due. */
async function isConfirmed(files: readonly Big[]): Promise<boolean> {
  const hosts = new Set(files.map(({ host }) => host)).size;
  const size = sizeText(files.reduce((sum, one) => sum + one.size, 0));
  const word = `delete ${files.length}`;
  const answer = await promptLine(
    `These ${files.length} files (${size} on ${hosts === 1 ? '1 host' : `${hosts} hosts`}) go for good. Type "${word}" to go on: `,
  );
  if (answer === undefined)
    throw new PlayError('There is no terminal to ask whether these files may go', {
      hint: 'Run it in a terminal, or use the resource file with state absent.',
    });
  if (answer.trim() === word) return true;
  process.stderr.write('Nothing was deleted.\n');
  return false;
}

/** @returns the exit code */
async function deleteThem(
  { flags, redactor, chosen }: Work,
  files: readonly Big[],
  { note, logged }: Recorded,
): Promise<number> {
  let least: number = ExitCode.ok;
  const hosts = chosen.hosts.filter((host) => files.some((file) => file.host === host));
  const exit = await onHosts({
    flags,
    redactor,
    chosen: { ...chosen, hosts },
    note,
    recap: false,
    async work(host, open, tell) {
      const lane = await rootLane(host, await open(), chosen);
      const held = flags.ignoreHold ? undefined : await heldText(lane, host);
      if (held !== undefined) {
        least = Math.max(least, ExitCode.held);
        tell(host, { event: 'held', host, text: held }, [`${held}: nothing was deleted`]);
        return;
      }
      const own = files.filter((file) => file.host === host);
      const { stdout } = await ask(lane, host, deleteFiles(own));
      const results = decodeDeleted(own, stdout.toString('utf8'));
      for (const { file, kept } of results) {
        const { path, size } = file;
        if (kept !== undefined) least = Math.max(least, ExitCode.hostFailed);
        tell(
          host,
          kept === undefined ? { event: 'deleted', host, path, size } : { event: 'kept', host, path, reason: kept },
          [kept === undefined ? `deleted ${path} (${sizeText(size)})` : `kept ${path}: ${kept}`],
        );
      }
      const failed = results.filter(({ kept }) => kept !== undefined).length;
      await ask(lane, host, logWhole(logged, host, results.length - failed, failed));
    },
  });
  return Math.max(exit, least);
}

function writeEvent(redactor: Redactor, event: object): void {
  process.stdout.write(`${redactor.redact(JSON.stringify(event))}\n`);
}

function finish({ output }: BigFlags, exit: number): number {
  if (output === 'jsonl') process.stdout.write(`${JSON.stringify({ event: 'recap', exit })}\n`);
  return exit;
}
