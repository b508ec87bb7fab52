import { relative } from 'node:path';
import * as v from 'valibot';
import type { LaneRequest } from '../connection/index.ts';
import { everyUnit, type Change, type Prediction, type Stat } from '../contract/index.ts';
import { onOneLine } from '../formats/control-characters.ts';
import type { ListedTask } from '../playbook/index.ts';
import { unitName, type Unit } from '../probes/index.ts';
import { entryOf, logLineSh } from './host-log.ts';
import type { PendingChange } from './pack.ts';

/** What hosts log about a run with each change it makes. */
export interface ChangeLog {
  /** The run's id, as in its record. */
  readonly id: string;
  /** The commit of the playbook, once it is known. */
  readonly commit: () => string | undefined;
  /** The project's folder: task files are shown by their path in it. */
  readonly project: string;
  /** Masks secrets. */
  readonly redact: (text: string) => string;
}

/** A thing of a host: `path`, `unit`, `package`, `account`, and its name. */
export interface Thing {
  readonly kind: 'path' | 'unit' | 'package' | 'account';
  readonly name: string;
}

const leftSchema = v.object({
  /** Of a path: what is there, `absent` included. */
  type: v.exactOptional(v.picklist(['file', 'directory', 'link', 'other', 'absent'])),
  mode: v.exactOptional(v.string()),
  owner: v.exactOptional(v.string()),
  group: v.exactOptional(v.string()),
  /** The SHA-256 of a file, in hex. */
  sha: v.exactOptional(v.string()),
  /** Where a link points. */
  target: v.exactOptional(v.string()),
  /** Of a unit: `enabled`, `disabled` ... and `active`, `inactive` ... */
  enabled: v.exactOptional(v.string()),
  active: v.exactOptional(v.string()),
  /** Of a package; empty where it is gone. */
  version: v.exactOptional(v.string()),
});

/** How a change left a thing, as far as that was known when it was sent. */
export type Left = Readonly<v.InferOutput<typeof leftSchema>>;

const changeSchema = v.object({
  /** `path /etc/motd`, `unit nginx.service`. */
  on: v.string(),
  /** Everything below the path was changed with it, and is not listed one by one. */
  isTree: v.exactOptional(v.boolean()),
  id: v.string(),
  by: v.string(),
  /** ISO 8601, by the clock of the machine that runs play. */
  at: v.string(),
  commit: v.exactOptional(v.string()),
  play: v.string(),
  /** `role : task`; of a handler, too. */
  task: v.string(),
  /** `file:line` of the task, the file by its path in the project. */
  line: v.exactOptional(v.string()),
  /** What was changed, in short: `content, mode 0600 -> 0644`. */
  what: v.string(),
  left: v.exactOptional(leftSchema),
});

/** A thing that was changed, as the log of a host has it: whole in itself, since the run it belongs to may have left the log. */
export type LoggedChange = Readonly<v.InferOutput<typeof changeSchema>>;

/** Lines of a host's log that tell of changes, the oldest first. What was cut off, or is damaged, is left out. */
export function decodeChanges(text: string): LoggedChange[] {
  return text.split('\n').flatMap((line) => {
    const found = v.safeParse(changeSchema, entryOf(line));
    return found.success ? [found.output] : [];
  });
}

/** A task may change a tree of thousands: more things than this are not listed one by one. */
const mostThings = 60;
/** Characters of a line of the journal: logger(1) cuts at 1 KiB. */
const mostLine = 800;
/** Characters that tell what was changed. */
const mostWhat = 300;

/** @example thingKey({ kind: 'path', name: '/etc/motd' })  // 'path /etc/motd' */
export function thingKey({ kind, name }: Thing): string {
  return `${kind} ${name}`;
}

/** What is written about changes where they are made. */
export interface ChangesMade {
  readonly log: ChangeLog;
  /** `bob@laptop`. */
  readonly by: string;
  readonly play: string;
  readonly changes: readonly PendingChange[];
}

/**
 * Writes changes into the journal of their host, a line each, and into the log that `play blame` reads. It comes behind
 * the changes of an exchange; undefined where there is nothing to tell.
 */
export function logChanges(made: ChangesMade): LaneRequest | undefined {
  const changes = made.changes.filter(({ plan }) => !plan.quiet && !plan.looksOnly && plan.changes.length > 0);
  if (changes.length === 0) return undefined;
  const at = new Date().toISOString();
  const lines = changes.flatMap((change) => changeLines(change, made, at));
  return {
    script: logChangesSh,
    args: [lines.join('\n'), changes.map((change) => journalLine(change, made)).join('\n')],
    timeout: 10,
  };
}

// /dev/log is where syslog(3) writes to: of journald, or of whatever logs here. Where there is none nobody reads.
const logChangesSh = `${logLineSh}
[ -z "$1" ] || log_line "$1"
[ ! -S /dev/log ] || printf '%s\\n' "$2" | logger -t play 2>/dev/null
exit 0`;

function changeLines(change: PendingChange, { log, by, play }: ChangesMade, at: string): string[] {
  const { listed, plan } = change;
  const commit = log.commit()?.slice(0, 12);
  const line = lineOf(listed, log.project);
  const what = listed.inherited.noLog ? '' : whatOf(plan.changes);
  const redact = (text: string): string => log.redact(text);
  return [...thingsOf(change)].map(([on, { isTree, ...left }]) => {
    const entry: LoggedChange = {
      on: redact(on),
      ...(isTree ? { isTree } : {}),
      id: log.id,
      by,
      at,
      ...(commit === undefined ? {} : { commit }),
      play: redact(play),
      task: redact(taskName(listed)),
      ...(line === undefined ? {} : { line }),
      what: redact(what),
      ...(Object.keys(left).length === 0 ? {} : { left }),
    };
    return JSON.stringify(entry);
  });
}

function journalLine({ listed, plan }: PendingChange, { log, by }: ChangesMade): string {
  const line = lineOf(listed, log.project);
  const place = line === undefined ? '' : ` (${line})`;
  const what = listed.inherited.noLog ? '' : `: ${whatOf(plan.changes)}`;
  const text = `run ${log.id} by ${by}: ${taskName(listed)}${place}${what}`;
  return onOneLine(log.redact(text)).replaceAll('\t', ' ').slice(0, mostLine);
}

function taskName({ role, name }: ListedTask): string {
  return role === null ? name : `${role} : ${name}`;
}

/** Where the task was written; undefined of one that no playbook has. */
function lineOf({ task }: ListedTask, project: string): string | undefined {
  const { at } = task;
  if (at === undefined) return undefined;
  const path = relative(project, at.file);
  const file = path.startsWith('..') ? at.file : path;
  return at.line === undefined ? file : `${file}:${at.line}`;
}

/** @example whatOf([{ what: 'mode', from: '0600', to: '0644' }])  // 'mode 0600 -> 0644' */
export function whatOf(changes: readonly Change[]): string {
  return changes
    .map(({ what, from, to }) =>
      from === undefined && to === undefined ? what : `${what} ${from ?? ''} -> ${to ?? ''}`,
    )
    .map((text) => text.replace('  -> ', ' -> '))
    .join(', ')
    .slice(0, mostWhat);
}

type LeftThing = Left & Pick<LoggedChange, 'isTree'>;

/** The things that a plan changes, by their keys, and how it leaves them. */
function thingsOf({ plan, probes }: PendingChange): Map<string, LeftThing> {
  const things = new Map<string, LeftThing>();
  const add = (kind: Thing['kind'], name: string, left: LeftThing = {}): void => {
    const key = thingKey({ kind, name });
    if (things.size < mostThings || things.has(key)) things.set(key, { ...things.get(key), ...left });
  };
  for (const { text } of plan.changes) if (text?.path.startsWith('/')) add('path', text.path);
  for (const known of plan.after) addPredicted(known, add);
  for (const name of plan.units ?? []) if (name !== everyUnit) add('unit', unitName(name));
  for (const subject of plan.touches) if (subject.on === 'path') add('path', subject.path, { isTree: true });
  if (plan.touches.some(({ on }) => on === 'accounts'))
    for (const { kind, args } of probes)
      if (kind.kind === 'user' || kind.kind === 'group') add('account', args[0] ?? '');
  // Of packages a change tells name and versions by these words; a version begins with a digit (deb-version(7)).
  for (const { what, to = '' } of plan.changes) {
    const name = /^package (\S+)$/.exec(what)?.[1]?.replace(/:.*/, '');
    if (name === undefined) continue;
    if (/^\d/.test(to)) add('package', name, { version: to });
    else if (to.startsWith('absent')) add('package', name, { version: '' });
  }
  return things;
}

function addPredicted(
  { question: { kind, args }, answer, unknown }: Prediction,
  add: (kind: Thing['kind'], name: string, left?: Left) => void,
): void {
  if (unknown !== undefined) return;
  const [name = ''] = args;
  switch (kind.kind) {
    case 'stat':
      return add('path', name, statLeft(answer as Stat));
    case 'sha256':
      return typeof answer === 'string' ? add('path', name, { sha: answer }) : undefined;
    case 'link':
      return typeof answer === 'string' ? add('path', name, { target: answer }) : undefined;
    case 'unit': {
      const { enabled, active } = answer as Unit;
      return add('unit', unitName(name), { enabled, active });
    }
    default:
  }
}

/** Leaves out what is not known of a thing before it is made, such as an owner's number. */
function statLeft(at: Stat): Left {
  if (at.type === 'absent') return { type: 'absent' };
  const { type, mode, owner, group } = at;
  return { type, mode, ...(owner === '' ? {} : { owner }), ...(group === '' ? {} : { group }) };
}
