/** `haproxyServer` on a real HAProxy: the laws, and its waits for sessions that are really there. */
import { beforeAll, describe, expect, test } from 'vitest';
import type { Task } from '../../src/playbook/index.ts';
import { haproxyServer } from '../../src/resources/index.ts';
import { useLawHost } from '../support/law-host.ts';
import { holdToLaws } from '../support/laws.ts';
import { runPlay, type PlayRun } from '../support/run-play.ts';

const host = useLawHost('haproxy1', ['haproxy'], ['/etc', '/run/haproxy']);
const socket = '/run/haproxy/admin.sock';
/** All that HAProxy allows in a name. */
const odd = 'odd_Name-1.x:2';
const config = `global
  stats socket ${socket} mode 660 level admin
  stats socket /run/haproxy/operator.sock mode 660 level operator
defaults
  mode tcp
  timeout connect 2s
  timeout client 1h
  timeout server 1h
frontend in
  bind 127.0.0.1:8022
  default_backend ssh
backend ssh
  server s1 127.0.0.1:22
  server ${odd} 127.0.0.1:22
  server closed 127.0.0.1:1 check inter 200ms
`;
const talk = `talk() { perl -MSocket -e 'socket(S,AF_UNIX,SOCK_STREAM,0); connect(S,pack_sockaddr_un("${socket}")); syswrite S,"$ARGV[0]\\n"; print while <S>' "$1"; }
state() { talk 'show servers state' | awk -v s="$1" '$4 == s { print $7 }'; }
sessions() { talk 'show stat -1 4 -1' | awk -F, -v s="$1" '$2 == s { print $5 }'; }
`;
/** A session of s1 that stays, for as long as sshd waits for a login. */
const hold = `${talk}talk 'set server ssh/s1 state ready'; talk 'set server ssh/${odd} state maint'
setsid bash -c 'exec 3<>/dev/tcp/127.0.0.1/8022; exec sleep 600' >/dev/null 2>&1 &
for i in $(seq 1200); do [ "$(sessions s1)" != 1 ] || exit 0; sleep 0.05; done; talk 'show stat -1 4 -1' >&2; exit 1`;
const letGo = `${talk}pkill -f '^sleep 600$'; talk 'shutdown sessions server ssh/s1'; for i in $(seq 1200); do [ "$(sessions s1)" != 0 ] || exit 0; sleep 0.05; done; exit 1`;

beforeAll(async () => {
  await host.sh(`printf %s "$1" >/etc/haproxy/haproxy.cfg; systemctl restart haproxy`, config);
});

describe('a server of a backend', () => {
  holdToLaws(host, [
    {
      name: 'drained, under a name of all that is allowed in one',
      tasks: () => [haproxyServer({ backend: 'ssh', server: odd, state: 'drain' })],
      expect: ['changed'],
      afterwards: `${talk}[ "$(state '${odd}')" = 8 ]; [ "$(state s1)" = 0 ]`,
    },
    {
      name: 'drained and waited for, then in maintenance, then back',
      tasks: () => [
        haproxyServer({ backend: 'ssh', server: 's1', state: 'drain', wait: true }),
        haproxyServer({ backend: 'ssh', server: 's1', state: 'maint', wait: true }),
        haproxyServer({ backend: 'ssh', server: 's1', state: 'ready', wait: true }),
      ],
      expect: ['changed', 'changed', 'changed'],
      again: ['changed', 'changed', 'changed'],
      afterwards: `${talk}[ "$(state s1)" = 0 ]`,
    },
    {
      name: 'right already, with and without a wait',
      setup: `${talk}talk 'set server ssh/s1 state drain'`,
      tasks: () => [
        haproxyServer({ backend: 'ssh', server: 's1', state: 'drain' }),
        haproxyServer({ backend: 'ssh', server: 's1', state: 'drain', wait: true }),
      ],
      expect: ['ok', 'ok'],
    },
    {
      name: 'one that is not there',
      tasks: () => [haproxyServer({ backend: 'ssh', server: 's2', state: 'drain' })],
      expect: ['failed'],
      again: ['failed'],
      says: /HAProxy has no server ssh\/s2/,
    },
    {
      name: 'no HAProxy at that socket',
      tasks: (dir) => [
        haproxyServer({ backend: 'ssh', server: 's1', state: 'drain', socket: `${dir.split('\n')[0]}/x.sock` }),
      ],
      expect: ['failed'],
      again: ['failed'],
      says: /HAProxy does not answer at .*: there is no /,
    },
  ]);
});

const run = (options: Parameters<typeof haproxyServer>[0], check = false): Promise<PlayRun> =>
  runPlay(
    { hosts: 'all', tasks: (): Task[] => [haproxyServer(options)] },
    { inventory: 'haproxy1,', connect: () => host.connect(), check },
  );
const s1 = { backend: 'ssh', server: 's1' } as const;

test('a session that does not end fails the wait, and leaves the server drained', async () => {
  await host.sh(hold);
  const came = await run({ ...s1, state: 'drain', wait: true, timeout: 2 });
  expect([came.told, came.tasks[0]?.error?.what]).toEqual([
    ['failed haproxyServer ssh/s1'],
    'ssh/s1 after 2 s: 1 session left',
  ]);
  expect(came.events.filter((event) => event.event === 'working').map((event) => event.task)).toContain(
    'haproxyServer ssh/s1 (1 session left, 0 of 2 s)',
  );
  expect(await host.sh(`${talk}state s1`)).toBe('8\n');
  const check = await run({ ...s1, state: 'drain', wait: true, timeout: 2 }, true);
  expect(check.tasks[0]?.assumed).toEqual(['the sessions of ssh/s1 have ended within 2 s']);
  // It ends while a second run waits for it, which changes nothing.
  const waiting = run({ ...s1, state: 'drain', wait: true, timeout: 60 });
  await host.sh(`sleep 1.5; pkill -f '^sleep 600$'`);
  expect((await waiting).told).toEqual(['ok haproxyServer ssh/s1']);
  await host.sh(letGo);
});

test('sessions are ended when the time is over, where that is wanted', async () => {
  await host.sh(hold);
  const came = await run({ ...s1, state: 'maint', wait: true, timeout: 1, shutdownSessions: true });
  expect(came.told).toEqual(['changed haproxyServer ssh/s1']);
  expect(await host.sh(`${talk}sessions s1`)).toBe('0\n');
  await host.sh(letGo);
});

test('a server that is down is not ready', async () => {
  await host.sh(`${talk}talk 'set server ssh/closed state drain'`);
  const came = await run({ backend: 'ssh', server: 'closed', state: 'ready', wait: true, timeout: 2 });
  expect(came.tasks[0]?.error?.what).toMatch(/^ssh\/closed after 2 s: DOWN/);
});

test('a socket of a lower level says so', async () => {
  const came = await run({ ...s1, state: 'drain', socket: '/run/haproxy/operator.sock' });
  expect(came.tasks[0]?.status).toBe('failed');
  expect(came.tasks[0]?.error?.stderr).toMatch(/Permission denied/);
});
