import { beforeAll, expect, test } from 'vitest';
import { readEntry } from '../../src/cli/commands/logs/journal.ts';
import { Merge } from '../../src/cli/commands/logs/merge.ts';
import { useHosts } from '../support/sandbox.ts';
import { incidentProject } from './project.ts';

const hosts = useHosts('logs1', 'logs2');
const project = incidentProject(hosts, ['logs1', 'logs2']);
const { play, events, on } = project;

beforeAll(async () => {
  project.writeInventory();
  // journald stamps a line when it gets to it.
  await on('logs1', 'logger -t app first; journalctl --sync');
  await on('logs2', `logger -t app second; logger -p user.err -t app 'two  words \u001b[31m'; journalctl --sync`);
  await on('logs1', 'logger -t app third; echo one >/var/log/own.log; echo two >>/var/log/own.log');
});

test('the journals of hosts are one, in the order of time, each line behind its host', async () => {
  const outcome = await play('logs', '-l', 'all', '-g', '^(first|second|two|third)');
  expect(outcome.code).toBe(0);
  const lines = outcome.stdout.trim().split('\n');
  expect(
    lines.map((line) => line.replace(/ [A-Z][a-z]{2} \d\d \d\d:\d\d:\d\d\.\d | \[\d+\]|app\[\d+\]/g, ' ')),
  ).toEqual(['logs1 |  : first', 'logs2 |  : second', 'logs2 |  : two  words \\x1b[31m', 'logs1 |  : third']);
  const told = await events('logs', '-l', 'logs2', '-p', 'err', '-S', '1h', '-g', 'words');
  expect(told).toMatchObject([
    { event: 'line', host: 'logs2', priority: 3, text: 'two  words \u001b[31m' },
    { event: 'recap', exit: 0 },
  ]);
  expect((await play('logs', '-l', 'logs1', '-g', 'nothing of the kind')).code).toBe(0);
});

test('how we came is no line of the log, and -n counts the others', async () => {
  const { stdout } = await play('logs', '-l', 'logs1', '-n', '3');
  expect(stdout.trim().split('\n')).toHaveLength(3);
  expect(stdout).not.toContain('command continued');
});

test('-f goes on over a lost connection: no line is lost or doubled; Ctrl-C ends what runs there', async () => {
  const running = project.start('logs', '-l', 'all', '-f', '-n', '1', '-g', '^line ');
  const heard = (): string[] => [...running.said.stdout.matchAll(/: (line \d)/g)].map(([, line]) => line ?? '');
  await expect.poll(() => on('logs1', 'pgrep -c journalctl')).toBe('1');
  await on('logs1', 'logger line 1');
  await expect.poll(heard).toEqual(['line 1']);
  await on('logs1', 'pkill -KILL -u admin sshd; for i in 2 3; do logger line $i; done');
  await expect.poll(heard).toEqual(['line 1', 'line 2', 'line 3']);
  expect(running.said.stderr).toMatch(/^logs1 \| .*trying again\nlogs1 \| the connection is back$/m);
  await on('logs2', 'logger line 4');
  await expect.poll(heard).toEqual(['line 1', 'line 2', 'line 3', 'line 4']);
  expect(await running.end('SIGINT')).toBe(0);
  for (const host of ['logs1', 'logs2']) await expect.poll(() => on(host, 'pgrep -c journalctl')).toBe('0');
});

test('a file is followed over a lost connection and over its rotation', async () => {
  const running = project.start('logs', '-l', 'logs1', '-f', '-F', '/var/log/own.log', '-n', '1');
  const heard = (): string[] => [...running.said.stdout.matchAll(/\.\d (\w+)$/gm)].map(([, line]) => line ?? '');
  await expect.poll(heard).toEqual(['two']);
  await on('logs1', 'pkill -KILL -u admin sshd; echo three >>/var/log/own.log');
  await expect.poll(heard).toEqual(['two', 'three']);
  await on('logs1', 'mv /var/log/own.log /var/log/own.log.1; echo four >/var/log/own.log');
  await expect.poll(heard).toEqual(['two', 'three', 'four']);
  expect(await running.end('SIGINT')).toBe(0);
});

test('what does not exist, and what contradicts itself', async () => {
  const unit = await play('logs', '-l', 'logs1', '-u', 'ngnix');
  expect(unit.stderr).toContain('logs1 | there is no unit ngnix');
  const file = await play('logs', '-l', 'all', '-F', '/var/log/own.log.9');
  expect(file.stderr).toMatch(/logs1 \| there is no \/var\/log\/own\.log\.9\nlogs1 \| FAILED/);
  expect(file.code).toBe(2);
  expect((await play('logs', '-l', 'logs1', '-S', 'some day')).code).toBe(2);
  expect((await play('logs')).stderr).toContain('Of which hosts?');
  expect((await play('logs', '-l', 'all', '-F', '/x', '-u', 'nginx')).stderr).toMatch(/--file and --unit contradict/);
  expect((await play('logs', '-l', 'all', '--folow')).stderr).toMatch(/Did you mean --follow/);
});

test('entries: bytes, fields that are set twice, what is none', () => {
  expect(
    readEntry(
      'a',
      '{"MESSAGE":[104,105],"_PID":["1","2"],"SYSLOG_IDENTIFIER":"x","__REALTIME_TIMESTAMP":"1000","__CURSOR":"c"}',
    ),
  ).toEqual({
    line: { host: 'a', time: 1, source: 'x[2]', text: 'hi', unit: undefined, priority: undefined },
    cursor: 'c',
  });
  expect(readEntry('a', 'cut sh').line.text).toBe('cut sh');
});

test('streams that end are merged without a gap in between', () => {
  const printed: string[] = [];
  const merge = new Merge(['a', 'b'], ({ text }) => printed.push(text));
  const at = (host: string, time: number): void => merge.push(host, { host, time, source: '', text: `${host}${time}` });
  at('a', 1);
  at('a', 4);
  expect(printed).toEqual([]);
  at('b', 2);
  expect(printed).toEqual(['a1', 'b2']);
  merge.end('b');
  merge.end('a');
  expect(printed).toEqual(['a1', 'b2', 'a4']);
});
