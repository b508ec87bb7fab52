// Runs commands and tells what they took: seconds, memory, what they printed.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** What runs now, so that a bench that is stopped leaves nothing behind. */
const running = new Set();

/** Without certificates of one's own, which Node 20 would read at every start. */
const { NODE_EXTRA_CA_CERTS: _, ...environment } = process.env;

let whyStopped;

/** Ends all that was started, and starts nothing more. @param why undefined: lets commands run again */
export function stop(why) {
  whyStopped = why;
  if (why !== undefined) for (const child of running) kill(child);
}

function kill({ pid }) {
  try {
    process.kill(-pid, 'SIGKILL'); // its whole group: ansible-playbook has workers
  } catch {
    // It ended by itself.
  }
}

/**
 * Runs a command to its end.
 *
 * @param options.limit seconds after which it is ended, which is an error
 * @param options.codes exit codes that are none
 * @param options.onLine is told each line of stdout, and the seconds until it came
 * @returns seconds, what it printed, and of the process without its children: `memory`, the most it needed in MB (VmHWM in
 *   proc(5)), and `processor`, seconds of processor time
 */
export function run(command, args, { cwd, env = {}, limit = 150, codes = [0], onLine } = {}) {
  return new Promise((resolve, reject) => {
    if (whyStopped !== undefined) throw new Error(whyStopped);
    const started = performance.now();
    const since = () => (performance.now() - started) / 1000;
    const child = spawn(command, args, {
      cwd,
      env: { ...environment, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    running.add(child);
    const told = [command, ...args].join(' ');
    let [stdout, stderr, line] = ['', '', ''];
    let used = { memory: 0, processor: 0 };
    child.stdout.setEncoding('utf8').on('data', (chunk) => {
      stdout += chunk;
      if (!onLine) return;
      const lines = (line + chunk).split('\n');
      line = lines.pop();
      try {
        for (const one of lines) onLine(one, since());
      } catch (error) {
        kill(child);
        fail(error.message);
      }
    });
    child.stderr.setEncoding('utf8').on('data', (chunk) => (stderr += chunk));
    const watch = setInterval(() => (used = usedBy(child.pid) ?? used), 10);
    const timer = setTimeout(() => {
      kill(child);
      fail(`was not done after ${limit} s`);
    }, limit * 1000);
    const ends = (give) => {
      clearInterval(watch);
      clearTimeout(timer);
      running.delete(child);
      give();
    };
    const fail = (what) =>
      ends(() => reject(new Error(`${told} ${what}\n${shortened(stdout)}${shortened(stderr)}`.trim())));
    let seconds = 0;
    child.on('error', (error) => fail(error.message));
    child.on('exit', () => {
      seconds = since();
      // What stays in the background, such as ssh's own master, may hold them open.
      setTimeout(() => [child.stdout, child.stderr].forEach((stream) => stream.destroy()), 2000).unref();
    });
    child.on('close', (code, signal) => {
      if (!codes.includes(code)) fail(`ended with ${code ?? signal}`);
      else ends(() => resolve({ seconds, stdout, stderr, ...used }));
    });
  });
}

/** The same through sh: for what is several commands. Its arguments are `$1` and so on. */
export const sh = (script, args = [], options = {}) => run('sh', ['-c', script, 'sh', ...args], options);

/** What failed stands in the beginning mostly, and what came of it at the end. */
const shortened = (text) => (text.length < 3000 ? text : `${text.slice(0, 1500)}\n...\n${text.slice(-1500)}`);

/** Undefined: it ended. Of a process that ended and was not waited for there is no memory any more. */
function usedBy(pid) {
  try {
    const [status, stat] = ['status', 'stat'].map((name) => readFileSync(`/proc/${pid}/${name}`, 'latin1'));
    const memory = /^VmHWM:\s*(\d+)/m.exec(status)?.[1];
    const words = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const ticks = Number(words[11]) + Number(words[12]); // utime and stime; a hundred a second on Linux
    return memory === undefined ? undefined : { memory: Number(memory) / 1024, processor: ticks / 100 };
  } catch {
    return undefined;
  }
}

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
