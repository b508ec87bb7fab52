/** What stands at the end of a run: failures once more, where the time went; and how little -q says. */
import { expect, test } from 'vitest';
import type { Event, TaskFailure } from '../../src/engine/index.ts';
import { humanReport, makeStyle, masked, profileLines, quietReport, RunProfile } from '../../src/report/index.ts';
import { Redactor, Secret } from '../../src/secrets/index.ts';
import { recapEvent, taskEvent } from './events.ts';

const failure = (part: Partial<TaskFailure> = {}): TaskFailure => ({
  what: 'nginx -t found an error',
  hint: 'Fix the template.',
  code: 1,
  stdout: '',
  stderr: 'unknown directive',
  at: `${process.cwd()}/roles/nginx/index.ts:3:5`,
  ...part,
});
const recap = recapEvent({ exit: 2 });
const failed = (host: string, part = {}): Event => taskEvent({ host, status: 'failed', error: failure(), ...part });

function printed(events: readonly Event[], { check = false, isQuiet = false } = {}): string {
  let out = '';
  const human = humanReport({
    stream: { isTTY: false, columns: 80, write: (text) => (out += text) },
    style: makeStyle(false),
    check,
    diff: false,
    verbosity: 0,
    goOn: () => 'play site -l @failed',
  });
  const report = isQuiet ? quietReport(human) : human;
  for (const event of events) report(masked(event, new Redactor()));
  return out;
}
const end = (out: string): string => out.slice(out.indexOf('\nwhat'), out.indexOf('\nPLAY RECAP'));

test('failures that say the same are one, with their hosts and place, and the command to go on', () => {
  const unreachable: Event = {
    event: 'unreachable',
    host: 'db1',
    play: 'site',
    error: failure({ what: 'db1 does not answer', stderr: '', code: null, at: null, hint: null }),
  };
  const out = printed([
    failed('web2'),
    failed('web1'),
    unreachable,
    failed('web3', { error: failure({ code: 2 }) }),
    recap,
  ]);
  expect(end(out)).toBe(`
what failed
failed  web1, web2  nginx : write config
    nginx -t found an error
    at roles/nginx/index.ts:3:5
    exit code 1
    | unknown directive
    Fix the template.
unreachable  db1
    db1 does not answer
failed  web3  nginx : write config
    nginx -t found an error
    at roles/nginx/index.ts:3:5
    exit code 2
    | unknown directive
    Fix the template.

Once that is fixed, continue with: play site -l @failed
`);
});

test('the name of the host itself is no difference, and of many hosts some are named', () => {
  const hosts = Array.from({ length: 12 }, (_, i) => `web${i + 10}`);
  const events = hosts.map((host) => failed(host, { error: failure({ what: `${host} has no room`, stderr: '' }) }));
  expect(end(printed([...events, recap]))).toContain(
    'failed  web10, web11, web12, web13, web14, web15, web16, web17 and 4 more  nginx : write config\n',
  );
});

test('a failure that is right above is not told twice; what was ignored or rescued is none; noLog stays hidden', () => {
  expect(printed([failed('web1'), recap]).match(/nginx -t found/g)).toHaveLength(1);
  expect(printed([failed('web1'), recap])).toContain('continue with: play site -l @failed');
  expect(
    printed([failed('web1'), taskEvent({ host: 'web2', status: 'changed' }), recap]).match(/nginx -t found/g),
  ).toHaveLength(2);
  expect(printed([failed('web1', { ignored: true }), failed('web1', { rescued: true }), recap])).not.toMatch(
    /what failed|go on/,
  );
  expect(printed([failed('web1', { hidden: true }), failed('web2', { hidden: true }), recap])).not.toContain(
    'directive',
  );
  expect(end(printed([failed('web1'), failed('web2'), { ...recap, check: true }], { check: true }))).toContain(
    'what would fail',
  );
  const secret = new Secret('hunter2-hunter2', 'test');
  secret.expose();
  const error = failure({ what: 'no login with hunter2-hunter2' });
  expect(printed([failed('web1', { error }), failed('web2', { error }), recap])).not.toContain('hunter2');
});

test('-q tells of changes and failures, and nothing else', () => {
  const out = printed(
    [
      { event: 'notice', host: 'web1', text: 'waiting for apt' },
      taskEvent({ message: 'hello' }),
      taskEvent({ task: 'write', status: 'changed' }),
      taskEvent({ task: 'guess', may: 'a guard runs' }),
      failed('web1'),
      recap,
    ],
    { isQuiet: true },
  );
  expect(out.match(/^\w.*/gm)).toEqual([
    'changed  web1  nginx : write',
    'may change  web1  nginx : guess',
    'failed  web1  nginx : write config',
    'Once that is fixed, continue with: play site -l @failed',
    expect.stringMatching(/^PLAY RECAP/),
  ]);
});

test('the profile adds up: hosts side by side, tasks that were sent together, logins', () => {
  let now = 10_000;
  const profile = new RunProfile(() => now);
  const hear = (at: number, event: Event): void => {
    now = 10_000 + at * 1000;
    profile.hear(masked(event, new Redactor()));
  };
  const connected = (host: string): Event => ({ event: 'connected', host, how: 'ssh2', seconds: 1 });
  hear(1, connected('web1'));
  hear(1, connected('web2'));
  // On web1 two tasks in one exchange: told together when it is over, and yet 4 s and 1 s long.
  hear(2, { event: 'working', host: 'web1', task: 'apt' });
  hear(3, { event: 'working', host: 'web2', task: 'apt' });
  hear(6, { event: 'working', host: 'web1', task: 'config' });
  hear(7, taskEvent({ host: 'web1', task: 'apt', role: null, status: 'changed', seconds: 2.5 }));
  hear(7, taskEvent({ host: 'web1', task: 'config', role: null, status: 'changed', seconds: 2.5 }));
  hear(8, taskEvent({ host: 'web2', task: 'apt', role: null, status: 'changed', seconds: 5 }));
  const data = profile.data([{ stage: 'the run', seconds: 8 }]);
  expect(data.tasks).toEqual([
    { task: 'apt', hosts: 2, elapsed: 6, sum: 9, slowest: { host: 'web2', seconds: 5 } },
    { task: 'config', hosts: 1, elapsed: 1, sum: 1, slowest: { host: 'web1', seconds: 1 } },
  ]);
  expect(data.hosts).toEqual([
    { host: 'web2', elapsed: 8, connect: 1, tasks: 5, rest: 2 },
    { host: 'web1', elapsed: 7, connect: 1, tasks: 5, rest: 1 },
  ]);
  expect(profileLines(data, makeStyle(false))).toEqual([
    '',
    'time by stage',
    '    8.00 s  the run',
    '',
    'time by task    by the clock, all hosts together, the slowest',
    '    6.00 s    9.00 s  apt  2 hosts, slowest web2 5.00 s',
    '    1.00 s    1.00 s  config  web1',
    '',
    'time by host',
    '    8.00 s  web2  connecting 1.00 s, tasks 5.00 s, looking and waiting 2.00 s',
    '    7.00 s  web1  connecting 1.00 s, tasks 5.00 s, looking and waiting 1.00 s',
  ]);
});
