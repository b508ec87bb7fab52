import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BecomeFailed, type Connection, type Lane, type LaneRequest } from '../../../connection/index.ts';
import {
  decodeChanges,
  decodeLog,
  readChanges,
  readLog,
  type FoundRun,
  type LoggedChange,
  type LoggedEnd,
} from '../../../engine/index.ts';
import { ExitCode, PlayError } from '../../../errors/index.ts';
import { recordIds } from '../../../operator/prune-records.ts';
import { recordsFolder } from '../../../operator/run-files.ts';
import type { HostFlags } from '../../../options/host-flags.ts';
import type { Launch } from '../../../project/launch.ts';
import {
  localTime,
  makeStyle,
  readEntries,
  said,
  shownLines,
  wantsColour,
  type RecordEntry,
  type Style,
} from '../../../report/index.ts';
import type { Redactor } from '../../../secrets/index.ts';
import { chooseHosts, type ChosenHosts } from '../../../targets/chosen-hosts.ts';
import { ask, onHosts, rootLane } from '../on-hosts.ts';
import { projectOf, requireProject } from './of-project.ts';
import type { ChoosableRun } from './which-runs.ts';

export interface TeamLog {
  readonly flags: HostFlags & { readonly project?: string };
  /** A pattern of hosts. */
  readonly host: string;
  readonly wanted: string | undefined;
  readonly number: number;
  readonly isMeant: (run: ChoosableRun) => boolean;
  readonly launch: Launch;
  readonly redactor: Redactor;
}

/** A run as several hosts, or our own record, tell of it. */
interface TeamRun extends Omit<FoundRun, 'host' | 'end'> {
  /** What it came to on each host that was asked; undefined: it changed nothing, was killed, lost the host, or is still at it. */
  readonly hosts: ReadonlyMap<string, LoggedEnd | undefined>;
}

/** What hosts have on record, with our own runs among them, the last one last. @returns the exit code */
export async function showTeamLog({
  flags,
  host,
  wanted,
  number,
  isMeant,
  launch,
  redactor,
}: TeamLog): Promise<number> {
  const chosen = await chooseHosts({ flags, launch, redactor, pattern: host });
  const found = new Map<string, readonly FoundRun[]>();
  const changes = new Map<string, readonly LoggedChange[]>();
  const exit = await onHosts({
    flags,
    redactor,
    chosen,
    recap: false,
    async work(name, open, tell) {
      // Which run is meant is known once all hosts have told theirs.
      const requests = wanted === undefined ? [readLog] : [readLog, readChanges({ run: '' })];
      const { texts, isPartial } = await logOf(name, await open(), chosen, requests);
      found.set(name, decodeLog(texts[0] ?? ''));
      changes.set(name, decodeChanges(texts[1] ?? ''));
      if (isPartial)
        tell(name, { event: 'notice', host: name, text: 'only the log of the login user: becoming root failed' }, [
          'only the log of the login user was read: becoming root failed',
        ]);
    },
  });
  const all = merge(chosen.hosts, found, ownRuns(chosen.hosts));
  const { project } = flags;
  const runs = all.filter(isMeant);
  if (project !== undefined && runs.length === 0)
    requireProject(
      project,
      all.map((run) => run.project),
    );
  const shown = wanted === undefined ? runs.slice(-number) : [find(runs, wanted)];
  const style = makeStyle(wantsColour(process.stdout));
  for (const run of shown) {
    const lines = wanted === undefined ? [summary(run, chosen.hosts.length > 1, style)] : details(run, changes, style);
    const text =
      flags.output === 'jsonl'
        ? `${redactor.redact(JSON.stringify(eventOf(run, wanted === undefined ? undefined : changes)))}\n`
        : shownLines(lines, redactor);
    process.stdout.write(text);
  }
  if (flags.output === 'jsonl') process.stdout.write(`${JSON.stringify({ event: 'recap', exit })}\n`);
  else if (shown.length === 0 && exit === ExitCode.ok) process.stderr.write(`No run is on record there\n`);
  return exit;
}

/** What the logs of the login user and of root say to each of the requests. */
async function logOf(
  host: string,
  connection: Connection,
  chosen: ChosenHosts,
  requests: readonly LaneRequest[],
): Promise<{ readonly texts: readonly string[]; readonly isPartial: boolean }> {
  const readBy = async (lane: Lane): Promise<string[]> => {
    const replies = await Promise.all(requests.map((one) => ask(lane, host, one)));
    return replies.map(({ stdout }) => stdout.toString('utf8'));
  };
  const login = await connection.lane();
  const own = await readBy(login);
  if (login.greeting.uid === 0) return { texts: own, isPartial: false };
  let root: Lane;
  try {
    root = await rootLane(host, connection, chosen);
  } catch (thrown) {
    if (!(thrown instanceof BecomeFailed)) throw thrown;
    return { texts: own, isPartial: true };
  }
  const theirs = await readBy(root);
  return { texts: own.map((text, i) => `${text}\n${theirs[i] ?? ''}`), isPartial: false };
}

/** Our own records of runs on these hosts: of commands that hosts keep no log of, too. */
function ownRuns(hosts: readonly string[]): TeamRun[] {
  return recordIds(recordsFolder()).flatMap((id) => {
    const entries = readEntries(readFileSync(join(recordsFolder(), `${id}.jsonl`), 'utf8'));
    const start = entries.find(({ event }) => event === 'start');
    const meant = start?.['hosts'];
    if (start === undefined || start['check'] === true || !Array.isArray(meant)) return [];
    const concerned = hosts.filter((host) => meant.includes(host));
    if (concerned.length === 0) return [];
    const text = (key: string): string => (typeof start[key] === 'string' ? start[key] : '');
    return [
      {
        id,
        kind: text('kind'),
        by: `${text('user')}@${text('machine')}`,
        at: text('started'),
        command: text('command'),
        project: projectOf(entries),
        hosts: new Map(concerned.map((host) => [host, endIn(entries, host)])),
      },
    ];
  });
}

function endIn(entries: readonly RecordEntry[], host: string): LoggedEnd | undefined {
  const end = entries.find(({ event }) => event === 'end');
  if (end === undefined) return undefined;
  const of = entries.filter((entry) => entry['host'] === host);
  const failed = of.filter(
    ({ event, status, code }) =>
      status === 'failed' || event === 'unreachable' || event === 'host-failed' || (event === 'exit' && code !== 0),
  );
  return {
    ended: '',
    changed: of.filter(({ status }) => status === 'changed').length,
    failed: failed.length,
    held: of.filter(({ event, status }) => event === 'held' || status === 'held').length,
    interrupted: end['exit'] === ExitCode.interrupted,
  };
}

/** One run is one line, whoever has it on record; our own record knows more than a host. */
function merge(
  hosts: readonly string[],
  found: ReadonlyMap<string, readonly FoundRun[]>,
  own: readonly TeamRun[],
): TeamRun[] {
  const runs = new Map<string, TeamRun>();
  for (const host of hosts)
    for (const { end, host: _, ...run } of found.get(host) ?? [])
      runs.set(run.id, { ...run, hosts: new Map(runs.get(run.id)?.hosts ?? []).set(host, end) });
  for (const run of own)
    runs.set(run.id, { ...run, hosts: new Map([...run.hosts, ...(runs.get(run.id)?.hosts ?? [])]) });
  // Ids begin with the time a run began.
  return [...runs.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

function find(runs: readonly TeamRun[], wanted: string): TeamRun {
  const back = /^\d{1,5}$/.test(wanted) && Number(wanted) > 0 ? runs.at(-Number(wanted)) : undefined;
  const [first, ...others] = back === undefined ? runs.filter(({ id }) => id.startsWith(wanted)) : [back];
  if (first !== undefined && others.length === 0) return first;
  throw new PlayError(
    first === undefined
      ? `There is no run "${wanted}" on record there`
      : `${others.length + 1} runs begin with "${wanted}"`,
    { hint: 'play log --host HOST lists them.' },
  );
}

function summary(run: TeamRun, isMany: boolean, style: Style): string {
  const ends = [...run.hosts].map(([host, end]) => ({ host, text: endText(run, end, style) }));
  const isOne = ends.every(({ text }) => text === ends[0]?.text);
  const result = isOne ? (ends[0]?.text ?? '') : ends.map(({ host, text }) => `${host}: ${text}`).join(', ');
  const on = isMany && isOne ? [`on ${[...run.hosts.keys()].join(', ')}`] : [];
  return [run.id, localTime(run.at), said(run.by), result, said(run.command), ...on].join('  ');
}

type ChangesByHost = ReadonlyMap<string, readonly LoggedChange[]>;

function details(run: TeamRun, changes: ChangesByHost, style: Style): string[] {
  return [
    style.bold(said(run.command)),
    `  run      ${run.id}`,
    `  by       ${said(run.by)}`,
    `  at       ${localTime(run.at)}`,
    `  project  ${said(run.project)}`,
    ...[...run.hosts].flatMap(([host, end]) => [
      `  ${host}  ${endText(run, end, style)}`,
      ...tasksOf(run, changes.get(host)).map((line) => `    ${said(line)}`),
    ]),
    `  The machine it was started from has them with diffs: play log ${run.id}`,
  ];
}

/** What the host has on record of the run's tasks, a line each: one of them may have changed many things. */
function tasksOf({ id }: TeamRun, changes: readonly LoggedChange[] = []): string[] {
  const lines = changes
    .filter((one) => one.id === id)
    .map(({ task, line, what }) => [task, ...(line === undefined ? [] : [line]), what].join('  ').trimEnd());
  return [...new Set(lines)];
}

function endText({ kind }: TeamRun, end: LoggedEnd | undefined, style: Style): string {
  if (end === undefined) return 'no changes on record';
  const { changed, failed, held, interrupted } = end;
  const parts = [
    changed > 0 ? style.yellow(`${changed} changed`) : '',
    failed > 0 ? style.red(`${failed} failed`) : '',
    held > 0 ? `${held} held` : '',
    interrupted ? style.red('interrupted') : '',
  ].filter((part) => part !== '');
  // Of what anybody may have typed it is not known what it changed.
  if (parts.length === 0) return ['playbook', 'resource', 'apply'].includes(kind) ? 'nothing changed' : 'done';
  return parts.join(' ');
}

function eventOf({ hosts, ...run }: TeamRun, changes: ChangesByHost | undefined): object {
  const made = (host: string): readonly LoggedChange[] => (changes?.get(host) ?? []).filter(({ id }) => id === run.id);
  return {
    event: 'logged-run',
    ...run,
    hosts: Object.fromEntries([...hosts].map(([host, end]) => [host, end ?? null])),
    ...(changes ? { changes: Object.fromEntries([...hosts.keys()].map((host) => [host, made(host)])) } : {}),
  };
}
