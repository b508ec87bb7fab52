import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { PlayError } from '../errors/index.ts';
import { removeSandbox, sandboxExec } from '../sandbox/index.ts';
import { passingFleet } from '../sandbox/passing-fleet.ts';

/** What a rehearsal takes besides its playbook. */
export interface RehearsalOptions {
  /** What `-i` takes; default: the inventory of the project. */
  readonly inventory?: string;
  /** What `-l` takes; default: all hosts of the playbook. */
  readonly limit?: string;
  /** What `-e` takes. */
  readonly extraVars?: Readonly<Record<string, unknown>>;
  /** Examines the hosts as they are at the end. @throws whatever fails the rehearsal */
  readonly verify?: (hosts: RehearsedHosts) => Promise<void>;
}

/** The throwaway hosts of a rehearsal, for examination. */
export interface RehearsedHosts {
  /** Runs a sh script as root. @returns what it prints @throws PlayError if it fails */
  run(host: string, script: string): Promise<string>;
}

/** What a rehearsal found. A task is `web1: nginx: write nginx.conf`. */
export interface Rehearsal {
  /** What check mode said would change. */
  readonly foreseen: readonly string[];
  /** What check mode said may change. */
  readonly may: readonly string[];
  /** What the run changed. */
  readonly changed: readonly string[];
}

/**
 * Why throwaway hosts cannot be used on this machine; undefined if they can. Meant for the `skip` option of node:test.
 */
export function whyNoSandbox(): string | undefined {
  if (process.getuid?.() !== 0) return 'throwaway hosts need root: try sudo -E npm test';
  if (!existsSync('/etc/debian_version') || !existsSync('/usr/bin/apt-get'))
    return 'throwaway hosts need Debian, or a derivative, on this machine';
  return undefined;
}

/**
 * Plays a playbook three times on fresh throwaway hosts: in check mode, for real, and once more. It succeeds if nothing
 * fails, the run changes what check mode said it would, and the last run changes nothing. The hosts are created for it
 * and removed afterwards. It needs root and Debian (`whyNoSandbox`); the first time on a machine takes minutes.
 *
 * @param playbook as on the command line, from the working directory
 * @throws PlayError with the output of a run, or the tasks concerned
 * @example
 *   test('nginx', { skip: whyNoSandbox() }, async () => {
 *     await rehearse('playbooks/web.ts', { limit: 'web1' });
 *   });
 */
export async function rehearse(playbook: string, options: RehearsalOptions = {}): Promise<Rehearsal> {
  const fleet = await passingFleet(`${process.env['PLAY_SANDBOX_FLEET'] || 'play'}-try`);
  try {
    const check = await play(playbook, options, fleet, ['-C']);
    const run = await play(playbook, options, fleet, []);
    refuseDifference(playbook, check, run);
    const again = await play(playbook, options, fleet, []);
    if (again.changed.length > 0)
      throw new PlayError(`${playbook} changes hosts that are right: its second run should change nothing`, {
        detail: again.changed.join('\n'),
        hint: 'Look at these tasks with -D: something differs every time.',
      });
    await options.verify?.({ run: async (host, script) => await runOn(fleet, host, script) });
    return { foreseen: check.changed, may: check.may, changed: run.changed };
  } finally {
    await removeSandbox(undefined, { fleet });
  }
}

interface Outcome {
  readonly changed: readonly string[];
  readonly may: readonly string[];
}

/** A run may do less than check mode said only where that said it does not know. */
function refuseDifference(playbook: string, check: Outcome, run: Outcome): void {
  const unforeseen = run.changed.filter((task) => !check.changed.includes(task) && !check.may.includes(task));
  const undone = check.changed.filter((task) => !run.changed.includes(task));
  if (unforeseen.length === 0 && undone.length === 0) return;
  throw new PlayError(`${playbook} does not do what check mode said`, {
    detail: [
      ...unforeseen.map((task) => `changed, and was not foreseen: ${task}`),
      ...undone.map((task) => `foreseen, and was not changed: ${task}`),
    ].join('\n'),
    hint: 'Compare -CD with -D on a fresh host: play sandbox reset HOST.',
  });
}

async function play(
  playbook: string,
  { inventory, limit, extraVars }: RehearsalOptions,
  fleet: string,
  more: readonly string[],
): Promise<Outcome> {
  const args = [
    playbook,
    '--sandbox',
    '--output',
    'jsonl',
    ...more,
    ...(inventory === undefined ? [] : ['-i', inventory]),
    ...(limit === undefined ? [] : ['-l', limit]),
    ...(extraVars === undefined ? [] : ['-e', JSON.stringify(extraVars)]),
  ];
  const { code, stdout, stderr } = await runProgram([process.execPath, programFile(), ...args], fleet);
  const tasks = tasksOf(stdout);
  const what = `play ${args.join(' ')}`;
  if (code !== 0)
    throw new PlayError(`${what} ended with exit code ${code ?? 'none: it was killed'}`, {
      detail: [...tasks.flatMap(({ name, error }) => (error === undefined ? [] : `${name}: ${error}`)), stderr.trim()]
        .filter((text) => text !== '')
        .join('\n'),
    });
  return {
    changed: tasks.filter((task) => task.changed).map(({ name }) => name),
    may: tasks.filter((task) => task.may).map(({ name }) => name),
  };
}

/** The play that `play/testing` is part of: its boot file leaves word where it is. */
function programFile(): string {
  const file = (globalThis as Record<symbol, unknown>)[Symbol.for('play.program')];
  if (typeof file === 'string') return file;
  throw new PlayError('A rehearsal needs play as it was built, and this is its source', {
    hint: 'Import play/testing from the package.',
  });
}

interface ToldTask {
  readonly name: string;
  readonly changed: boolean;
  readonly may: boolean;
  readonly error: string | undefined;
}

/** The tasks and handlers among the events: docs/jsonl.md. */
function tasksOf(stdout: string): ToldTask[] {
  return stdout.split('\n').flatMap((line) => {
    if (!line.startsWith('{')) return [];
    const { event, host, role, task, changed, may, error } = JSON.parse(line) as Record<string, unknown>;
    if (event !== 'task' && event !== 'handler') return [];
    return {
      name: [host, role, task].filter((part) => typeof part === 'string').join(': '),
      changed: changed === true,
      may: typeof may === 'string',
      error: typeof error === 'object' && error !== null && 'what' in error ? String(error.what) : undefined,
    };
  });
}

async function runOn(fleet: string, host: string, script: string): Promise<string> {
  const { code, stdout, stderr } = await sandboxExec(host, ['sh', '-c', script], { fleet });
  if (code !== 0)
    throw new PlayError(`On ${host}, \`${script}\` ended with exit code ${code}`, { detail: `${stdout}${stderr}` });
  return stdout;
}

function runProgram(
  [program = '', ...args]: readonly string[],
  fleet: string,
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  return new Promise((done, fail) => {
    // Which makes a program report to the runner as one of its tests.
    const { NODE_TEST_CONTEXT: _, ...env } = process.env;
    const child = spawn(program, args, {
      env: { ...env, PLAY_SANDBOX_FLEET: fleet },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.once('error', fail);
    child.once('close', (code) => done({ code, stdout, stderr }));
  });
}
