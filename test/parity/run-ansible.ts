import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { caseHosts, countText, type CaseOptions, type Outcome, type ParityCase } from './case.ts';

const plugins = join(import.meta.dirname, 'ansible');

/** Debian's package runs on Debian's Python, whatever `python3` is first on the PATH. */
export function pythonWithAnsible(): string | undefined {
  for (const python of ['/usr/bin/python3', 'python3']) {
    try {
      execFileSync(python, ['-c', 'import ansible.cli.playbook'], { stdio: 'ignore' });
      return python;
    } catch {
      // Try the next.
    }
  }
  return undefined;
}

/** Why a test is skipped where there is no such Python. */
export const noAnsible = 'no Python here has ansible-core: apt-get install ansible-core';

interface Job {
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}
export interface Answer {
  readonly exit: number;
  readonly output: string;
}

/** Runs playbooks with ansible-core, all in one process. */
export async function askAnsible(
  python: string,
  folder: string,
  jobs: readonly Job[],
  stdoutCallback = 'record',
): Promise<readonly Answer[]> {
  const env = {
    PATH: process.env['PATH'],
    HOME: folder,
    LC_ALL: 'C.UTF-8',
    PYTHONDONTWRITEBYTECODE: '1',
    ANSIBLE_HOME: join(folder, '.ansible'),
    ANSIBLE_LOCAL_TEMP: join(folder, 'tmp'),
    ANSIBLE_ACTION_PLUGINS: join(plugins, 'action_plugins'),
    ANSIBLE_CALLBACK_PLUGINS: join(plugins, 'callback_plugins'),
    ANSIBLE_STDOUT_CALLBACK: stdoutCallback,
    ANSIBLE_NOCOLOR: '1',
    ANSIBLE_LOCALHOST_WARNING: '0',
    ANSIBLE_DEPRECATION_WARNINGS: '0',
  };
  const child = spawn(python, [join(plugins, 'ask_plays.py')], {
    cwd: folder,
    env,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.stdin.end(JSON.stringify(jobs));
  const code = await new Promise((done) => child.once('close', done));
  if (code !== 0) throw new Error(`ask_plays.py ended with ${String(code)}`);
  return JSON.parse(Buffer.concat(chunks).toString()) as readonly Answer[];
}

/** Writes a case where Ansible finds it. @returns how it is run */
export function ansibleJob(one: ParityCase, home: string): Job {
  const files = { 'playbook.yml': one.ansible, ...one.files };
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(home, path)), { recursive: true });
    writeFileSync(join(home, path), text);
  }
  mkdirSync(join(home, 'marks'), { recursive: true });
  const env = {
    PARITY_EVENTS: join(home, 'events'),
    PARITY_MARKS: join(home, 'marks'),
    PARITY_GONE: one.options?.gone?.join(',') ?? '',
  };
  return {
    cwd: home,
    env,
    args: ['-i', `${caseHosts(one).join(',')},`, ...optionArgs(one.options ?? {}), 'playbook.yml'],
  };
}

function optionArgs({ limit, tags, skipTags, extraVars, forceHandlers, startAtTask }: CaseOptions): string[] {
  return [
    ...(limit === undefined ? [] : ['-l', limit]),
    ...(tags === undefined ? [] : ['-t', tags]),
    ...(skipTags === undefined ? [] : ['--skip-tags', skipTags]),
    ...(extraVars === undefined ? [] : ['-e', JSON.stringify(extraVars)]),
    ...(forceHandlers ? ['--force-handlers'] : []),
    ...(startAtTask === undefined ? [] : ['--start-at-task', startAtTask]),
  ];
}

type Recorded =
  | { readonly event: 'batch' }
  | { readonly event: 'task'; readonly host: string; readonly told: string }
  | { readonly event: 'recap'; readonly hosts: Readonly<Record<string, Readonly<Record<string, number>>>> };

export interface AnsibleOutcome extends Outcome {
  /** What was told in each batch of each play. */
  readonly batches: readonly (readonly string[])[];
}

/** Reads what Ansible left behind. */
export function ansibleOutcome(home: string, { exit, output }: Answer): AnsibleOutcome {
  const path = join(home, 'events');
  const events = existsSync(path)
    ? readFileSync(path, 'utf8')
        .trim()
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as Recorded)
    : [];
  const recap = events.find((event) => event.event === 'recap');
  // Before anything ran: what is wrong is on stderr, and the test shows it.
  if (!recap) return { told: {}, recap: {}, marks: {}, exit, batches: [[output]] };
  const told: Record<string, string[]> = {};
  const batches: string[][] = [];
  for (const event of events) {
    if (event.event === 'batch') batches.push([]);
    if (event.event !== 'task') continue;
    (told[event.host] ??= []).push(event.told);
    batches.at(-1)?.push(`${event.host} ${event.told}`);
  }
  const counts = Object.entries(recap.hosts).map(([host, { failures = 0, ...rest }]) => [
    host,
    countText({ ...rest, failed: failures }),
  ]);
  return { told, recap: Object.fromEntries(counts), marks: readMarks(join(home, 'marks')), exit, batches };
}

export function readMarks(folder: string): Record<string, string[]> {
  return Object.fromEntries(
    readdirSync(folder)
      .sort()
      .map((host) => [host, readFileSync(join(folder, host), 'utf8').trim().split('\n')]),
  );
}
