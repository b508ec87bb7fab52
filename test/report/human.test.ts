import { PassThrough } from 'node:stream';
import { WriteStream } from 'node:tty';
import { expect, test } from 'vitest';
import type { Event } from '../../src/engine/index.ts';
import { type HumanOptions, humanReport, makeStyle, masked } from '../../src/report/index.ts';
import { Redactor, Secret } from '../../src/secrets/index.ts';
import { recapEvent, taskEvent } from './events.ts';

/** What is printed for these events, off a terminal or on one. */
function printed(
  events: readonly Event[],
  options: Partial<Omit<HumanOptions, 'stream'>> & { terminal?: boolean } = {},
): string {
  const { terminal = false, ...rest } = options;
  const sink = new PassThrough();
  const stream = Object.assign(Object.create(WriteStream.prototype) as WriteStream, {
    isTTY: terminal,
    columns: 80,
    write: (text: string) => sink.write(text),
  });
  const listener = humanReport({ stream, style: makeStyle(false), check: false, diff: false, verbosity: 0, ...rest });
  for (const event of events) listener(masked(event, new Redactor()));
  return (sink.read() as Buffer | null)?.toString() ?? '';
}

const mode = { what: 'mode', from: '0644', to: '0600' };
const content = { what: 'content', text: { path: '/etc/x', before: Buffer.from('a\n'), after: Buffer.from('b\n') } };

test('a host that is right shows nothing; with -v it does', () => {
  const events = [taskEvent(), taskEvent({ status: 'skipped', task: 'other' })];
  expect(printed(events)).toBe('');
  expect(printed(events, { verbosity: 1 })).toBe('ok  web1  nginx : write config\nskipped  web1  nginx : other\n');
});

test('what a task with a name of its own is about is told where nothing else tells it', () => {
  const state = { what: 'state', from: 'active', to: 'stopped' };
  const about = (subject: string, more = {}): string =>
    printed([taskEvent({ role: null, task: 'stop it', subject, status: 'changed', changes: [state], ...more })]);
  expect(about('cron')).toBe('changed  web1  stop it (cron)  state active -> stopped\n');
  expect(about('a\nb')).toContain('stop it (a\\nb)');
  expect(about('stop')).toBe('changed  web1  stop it  state active -> stopped\n');
  expect(about('/etc/x', { changes: [content] })).not.toContain('(/etc/x)');
  expect(about('cron', { hidden: true })).not.toContain('cron');
});

test('a change shows each attribute, and the diff when asked for', () => {
  const event = taskEvent({ status: 'changed', changed: true, changes: [mode, content] });
  expect(printed([event])).toBe('changed  web1  nginx : write config  mode 0644 -> 0600; content of /etc/x (+1 -1)\n');
  const diff = '--- /etc/x\tbefore\n+++ /etc/x\tafter\n@@ -1,1 +1,1 @@\n-a\n+b\n';
  expect(printed([event], { check: true, diff: true })).toBe(
    `would change  web1  nginx : write config  mode 0644 -> 0600; content (+1 -1)\n${diff}`,
  );
  expect(printed([event], { diff: 'full' })).toBe(
    `changed  web1  nginx : write config\n    mode 0644 -> 0600\n    content\n${diff}`,
  );
});

test('what is not known is said with its reason, also of a task that would be quiet', () => {
  const recap = recapEvent({ check: true });
  expect(printed([taskEvent({ assumed: ['the package makes the user'] }), recap], { check: true })).toMatch(
    /^\nassumed:\n {4}1 task: the package makes the user \(nginx : write config\)\n\nPLAY RECAP/,
  );
  const may = 'the guard runs after a change';
  expect(printed([taskEvent({ may }), taskEvent({ may, task: 'other' })], { check: true })).toBe(
    `may change  web1  nginx : write config\n    ${may}\nmay change  web1  nginx : other\n    for the same reason as nginx : write config\n`,
  );
});

test('a failure shows what, where, the end of what the host said, and what to do', () => {
  const stderr = Array.from({ length: 20 }, (_, i) => `line ${i}`).join('\n');
  const error = {
    what: 'nginx -t found an error',
    hint: 'Fix the template.',
    code: 1,
    stdout: 'out',
    stderr,
    at: `${process.cwd()}/roles/nginx/index.ts:3:5`,
  };
  const text = printed([taskEvent({ status: 'failed', error })]);
  expect(text).toMatch(
    /^failed {2}web1 {2}nginx : write config\n {4}nginx -t found an error\n {4}at roles\/nginx\/index.ts:3:5\n {4}exit code 1\n {4}stderr, after 8 lines more:\n {4}\| line 8\n/,
  );
  expect(text).toMatch(/ {4}\| line 19\n {4}Fix the template.\n$/);
  expect(text).not.toContain('out\n');
});

test('secrets are masked in all that is printed; noLog hides values and output', () => {
  const secret = new Secret('hunter2-hunter2', 'test');
  secret.expose();
  const error = {
    what: 'no login with hunter2-hunter2',
    hint: null,
    code: 1,
    stdout: '',
    stderr: 'hunter2-hunter2',
    at: null,
  };
  expect(printed([taskEvent({ status: 'failed', error, message: 'hunter2-hunter2' })])).not.toContain('hunter2');
  const hidden = printed([taskEvent({ status: 'changed', changes: [mode, content], hidden: true, message: 'told' })], {
    diff: true,
  });
  expect(hidden).toBe('changed  web1  nginx : write config\n    (hidden: noLog)\n');
});

test("a host's output cannot steer the operator's terminal", () => {
  const error = { what: 'bad', hint: null, code: 1, stdout: '', stderr: '\x1b]0;title\x07\x1b[2J', at: null };
  expect(printed([taskEvent({ status: 'failed', error })], { terminal: true })).toContain(
    '| \\x1b]0;title\\x07\\x1b[2J',
  );
});
