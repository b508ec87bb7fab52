/** The command line as people use it: `./play` itself, in a project made of a few files. */
import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { temporaryFolder } from '../support/temporary-folder.ts';

export const playRoot = join(import.meta.dirname, '..', '..');

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Project {
  readonly dir: string;
  write(files: Readonly<Record<string, string>>): void;
  play(...args: readonly string[]): Promise<Outcome>;
  /** The same from a folder below it. */
  playIn(folder: string, ...args: readonly string[]): Promise<Outcome>;
}

/** A folder with these files, gone when the test file is done. */
export function makeProject(files: Readonly<Record<string, string>>): Project {
  const dir = temporaryFolder('project');
  const write: Project['write'] = (more) => {
    for (const [name, text] of Object.entries(more)) {
      mkdirSync(dirname(join(dir, name)), { recursive: true });
      writeFileSync(join(dir, name), text);
    }
  };
  write(files);
  // What runs leave on record is the test's too, and not that of whoever runs it.
  const env = { ...process.env, XDG_STATE_HOME: join(dir, '.state') };
  return {
    dir,
    write,
    play: (...args) => run(join(playRoot, 'play'), args, { cwd: dir, env }),
    playIn: (folder, ...args) => run(join(playRoot, 'play'), args, { cwd: join(dir, folder), env }),
  };
}

/** Runs a program without a terminal. */
export function run(
  program: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv } = {},
): Promise<Outcome> {
  return new Promise((done, fail) => {
    // A session of its own: without it a prompt would find the terminal of whoever runs the tests.
    const child = spawn(program, args, { ...options, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    child.once('error', fail);
    child.once('close', (code) => done({ code, stdout, stderr }));
  });
}

/**
 * Runs `./play` in a terminal of its own, typing each answer when its question has been shown.
 *
 * @param dialogue question and answer; the answer is sent with Enter
 */
export function inTerminal(
  project: Project,
  args: readonly string[],
  dialogue: readonly (readonly [question: RegExp, answer: string])[],
): Promise<{ readonly code: number | null; readonly shown: string }> {
  const words = [join(playRoot, 'play'), ...args].map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
  return new Promise((done, fail) => {
    const child = spawn('script', ['-qefc', words, '/dev/null'], {
      cwd: project.dir,
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const left = [...dialogue];
    let shown = '';
    let from = 0;
    child.stdout.on('data', (chunk: Buffer) => {
      shown += chunk.toString();
      const [next] = left;
      const asked = next?.[0].exec(shown.slice(from));
      if (!next || !asked) return;
      from += asked.index + asked[0].length;
      left.shift();
      child.stdin.write(`${next[1]}\r`);
    });
    child.once('error', fail);
    child.once('close', (code) => done({ code, shown }));
  });
}

/** A playbook of one resource that changes nothing anywhere: `say({ text })` is changed when its text says "change". */
export const sayPlaybook = `
import { definePlaybook, defineResource, v } from 'play';
const say = defineResource({
  name: 'say', summary: '', example: '', options: { text: v.string() },
  title: ({ text }) => text ?? '',
  prepare: (options) => options,
  probes: () => [],
  plan: ({ text }) => ({
    changes: text.includes('change') ? [{ what: 'mode', from: '0644', to: '0600' }] : [],
    steps: [], after: [], touches: [], result: {}, again: true,
    ...(text.includes('fail') ? { failure: 'it does not hold' } : {}),
  }),
});
export default definePlaybook({
  name: 'talk', hosts: 'web', tags: 'talk',
  tasks: () => [say({ text: 'nothing' }, { tags: 'quiet' }), say({ text: 'change' }, { tags: ['loud'] }), say({ text: 'fail' }, { tags: ['never', 'broken'] })],
});
`;

export const localWeb = '[web]\nweb1 ansible_connection=local\nweb2 ansible_connection=local\n[db]\ndb1\n';
