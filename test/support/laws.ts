/**
 * What every resource is held to, with cases as data:
 *
 *     holdToLaws(host, [{ name: 'a directory', tasks: (dir) => [file({ path: `${dir}/a`, state: 'directory' })],
 *     expect: ['changed'] }]);
 *
 * 1. Check mode touches nothing, and foretells what the run then does: status, changes and diffs.
 * 2. A second run changes nothing.
 * 3. The diff that is shown, applied to the old file, gives the new one.
 * 4. A secret shows in no output.
 * 5. No temporary file is left.
 *
 * `dir` is a fresh folder with an odd name, so that every case is one of odd names as well.
 */
import { applyPatch } from 'diff';
import { expect, test } from 'vitest';
import type { Connection } from '../../src/connection/index.ts';
import type { Change } from '../../src/contract/index.ts';
import type { Event } from '../../src/engine/index.ts';
import type { Task } from '../../src/playbook/index.ts';
import { humanReport, jsonlReport, makeStyle, masked, unifiedDiff } from '../../src/report/index.ts';
import { Redactor } from '../../src/secrets/index.ts';
import { runPlay, type PlayRun } from './run-play.ts';
import { saidThen } from './said-then.ts';

export interface LawCase {
  readonly name: string;
  /** sh that prepares the host, as root; `$1` is the folder. */
  readonly setup?: string;
  readonly tasks: (dir: string) => readonly Task[];
  /** The status of each task in the first run, in order. */
  readonly expect: readonly string[];
  /** sh that must succeed after the first run; `$1` is the folder. */
  readonly afterwards?: string;
  /** The second run's statuses where they are not all `ok`: what is due every time, or fails. */
  readonly again?: readonly string[];
  /** What the failing task must say. */
  readonly says?: RegExp;
  /** What check mode says of the failing task, where the run has the words of a tool for it. */
  readonly foretells?: RegExp;
  /** Texts that must be seen nowhere. */
  readonly hidden?: readonly string[];
  /** How many tasks check mode assumes something for, or leaves open. */
  readonly open?: number;
}

/** A host to hold resources to the laws on. */
export interface LawHost {
  connection(): Promise<Connection>;
  /** As root, from outside. @throws when it fails */
  sh(script: string, ...args: readonly string[]): Promise<string>;
  /** Folders watched beside the case's own: `/etc`. */
  readonly watched: readonly string[];
}

/** Folders of one suite are not those of another on the same host. */
let suites = 0;

const oddName = `-law 'q' "d" $HOME 1 *\\7 ü\n2line`;

/**
 * @param together how many may share their runs, as tasks of one play: of cases that keep to their folder, and neither
 *   fail nor leave anything open. A host answers many as fast as one. Where anything is wrong with such a group, each of
 *   its cases is run by itself, and that is what counts.
 */
export function holdToLaws(host: LawHost, cases: readonly LawCase[], together = 1): void {
  const suite = suites++;
  for (const [number, group] of grouped(cases, together).entries()) {
    const areFine = once(
      async () => group.length > 1 && (await isLawful(() => hold(host, `${suite}-group-${number}`, group))),
    );
    for (const [i, one] of group.entries()) {
      test(one.name, async () => {
        if (!(await areFine())) await hold(host, `${suite}-${number}-${i}`, [one]);
      });
    }
  }
}

function grouped(cases: readonly LawCase[], most: number): LawCase[][] {
  const alone = cases.filter((one) => most === 1 || !isPlain(one)).map((one) => [one]);
  const plain = cases.filter((one) => most > 1 && isPlain(one));
  const groups = Array.from({ length: Math.ceil(plain.length / most) }, (_, i) =>
    plain.slice(i * most, (i + 1) * most),
  );
  return [...groups, ...alone];
}

function isPlain({ says, foretells, open, expect: statuses, again = [] }: LawCase): boolean {
  return (
    says === undefined &&
    foretells === undefined &&
    open === undefined &&
    [...statuses, ...again].every((status) => status === 'changed' || status === 'ok')
  );
}

function once<T>(work: () => Promise<T>): () => Promise<T> {
  let done: Promise<T> | undefined;
  return () => (done ??= work());
}

async function isLawful(work: () => Promise<void>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    console.info(
      `cases that are run one by one: ${error instanceof Error ? error.message.slice(0, 300) : String(error)}`,
    );
    return false;
  }
}

/** Holds cases to the laws, all in the same runs. */
async function hold(host: LawHost, folder: string, cases: readonly LawCase[]): Promise<void> {
  const places = cases.map((one, i) => ({ one, dir: `/srv/laws/${folder}-${i}/${oddName}` }));
  const dirs = places.map(({ dir }) => dir);
  const connection = await host.connection();
  const before = await host.sh(
    `(${inEach(cases.map(({ setup = '' }) => `mkdir -p -- "$1"; cd -- "$1"; ${setup}`))}\n) >/dev/null || exit\n${snapshot}`,
    ...dirs,
    ...host.watched,
  );
  const run = (check: boolean): Promise<PlayRun> =>
    runPlay(
      { hosts: 'all', tasks: () => places.flatMap(({ one, dir }) => one.tasks(dir)) },
      { check, connect: async () => ({ ...sharing(connection), close: async () => undefined }) },
    );

  const foretold = await run(true);
  expect(await host.sh(snapshot, ...dirs, ...host.watched), 'check mode touches nothing').toBe(before);

  const done = await run(false);
  const failed = done.tasks.find((task) => task.status === 'failed');
  expect(failed?.error?.what ?? '', failed?.error?.stderr).toMatch(cases.find(({ says }) => says)?.says ?? /^$/);
  expect(done.tasks.map((task) => task.status)).toEqual(cases.flatMap((one) => one.expect));
  const looked = places.flatMap(({ one: { afterwards }, dir }) =>
    afterwards === undefined ? [] : [{ afterwards, dir }],
  );
  if (looked.length > 0)
    await host.sh(inEach(looked.map(({ afterwards }) => `cd -- "$1"; ${afterwards}`)), ...looked.map(({ dir }) => dir));

  for (const one of cases)
    expectForetold(
      one,
      cases.length === 1 ? foretold.tasks : slice(foretold.tasks, cases, one),
      slice(done.tasks, cases, one),
    );
  for (const task of done.tasks) for (const change of task.changes) expectDiffToApply(change);

  const second = await run(false);
  const again = cases.flatMap((one) => one.again ?? one.expect.map((status) => (status === 'skipped' ? status : 'ok')));
  expect(
    second.tasks.map((task) => task.status),
    'a second run changes nothing',
  ).toEqual(again);
  for (const text of cases.flatMap((one) => one.hidden ?? [])) {
    for (const part of [foretold, done, second]) expect(printed(part.events), 'a secret shows').not.toContain(text);
  }
  expect(await leftovers(host), 'temporary files').toBe('');
}

/** Does each in a shell of its own, with an argument of its own: to get into a host takes ten processes. */
function inEach(scripts: readonly string[]): string {
  return scripts.map((script) => `(${script}\n) || exit\nshift`).join('\n');
}

type Tasks = PlayRun['tasks'];

/** What is of one case among the tasks of all. */
function slice(tasks: Tasks, cases: readonly LawCase[], one: LawCase): Tasks {
  const from = cases.slice(0, cases.indexOf(one)).reduce((sum, { expect: statuses }) => sum + statuses.length, 0);
  return tasks.slice(from, from + one.expect.length);
}

function expectForetold(one: LawCase, foretold: Tasks, done: Tasks): void {
  expect(
    foretold.filter((task) => task.may !== null || task.assumed.length > 0),
    'what check mode leaves open',
  ).toHaveLength(one.open ?? 0);
  if (one.foretells !== undefined) {
    expect(
      foretold.map((task) => task.status),
      'check mode foretells the run',
    ).toEqual(one.expect);
    expect(foretold.find((task) => task.status === 'failed')?.error?.what).toMatch(one.foretells);
  } else if (one.open === undefined)
    expect(
      foretold.map((task, at) => comparable(saidThen(task, done[at]))),
      'check mode foretells the run',
    ).toEqual(done.map(comparable));
}

/** The same connection for every run, which would otherwise close it. */
function sharing(connection: Connection): Connection {
  return {
    target: connection.target,
    description: connection.description,
    lane: (become) => connection.lane(become),
    live: (command) => connection.live(command),
    close: () => connection.close(),
  };
}

function comparable({ status, changes, message, error }: PlayRun['tasks'][number]): unknown {
  return {
    status,
    message,
    what: error?.what,
    changes: changes.map((change) => ({ ...change, text: change.text && sides(change.text) })),
  };
}

function sides({ path, before, after }: NonNullable<Change['text']>): unknown {
  return {
    path,
    before: Buffer.isBuffer(before) ? before.toString('latin1') : before,
    after: after?.toString('latin1'),
  };
}

function expectDiffToApply({ text }: Change): void {
  if (!text || text.secret === true || (text.before !== null && !Buffer.isBuffer(text.before))) return;
  const diff = unifiedDiff(text, (part) => part);
  if (!diff.includes('@@')) return;
  // The names play no part in applying it; those with line breaks would confuse the parser.
  expect(applyPatch(text.before?.toString() ?? '', diff.slice(diff.indexOf('@@')))).toBe(text.after?.toString() ?? '');
}

/** Everything any report prints, most talkative. */
function printed(events: readonly Event[]): string {
  const texts: string[] = [];
  const write = (text: string | Uint8Array): boolean => texts.push(String(text)) > 0;
  const human = humanReport({
    stream: { write, isTTY: false } as unknown as import('node:tty').WriteStream,
    style: makeStyle(false),
    check: false,
    diff: 'full',
    verbosity: 3,
  });
  const jsonl = jsonlReport({ write: (text) => void write(text), verbosity: 3 });
  const redactor = new Redactor();
  for (const one of events) {
    const event = masked(one, redactor);
    human(event);
    jsonl(event);
  }
  return texts.join('');
}

/**
 * Names, kinds, permissions, owners, sizes, where links lead, and times: that of the last change tells a changed
 * content too. Not that of folders, which the overlay of a sandbox host sets for reasons of its own, and not the
 * namespaces of stopped containers, which docker takes away when it pleases.
 */
const snapshot = `find "$@" -xdev -path /run/docker/netns -prune -o -printf '%p %M %n %U %G %s %T@ %l ' \\( -type d -printf '\\n' -o -printf '%C@\\n' \\) | sort; cat /proc/sys/kernel/hostname`;

function leftovers(host: LawHost): Promise<string> {
  return host.sh(
    `find /srv/laws /etc /run /dev/shm /tmp /var/tmp -xdev \\( -name '.play-*' -o -name 'play.*.ask.*' -o -name 'play.*.uri.*' -o -name 'play.*.stage.*' -o -name 'play.*.apt.*' -o -name 'play.*.dnf.*' \\) 2>/dev/null; exit 0`,
  );
}
