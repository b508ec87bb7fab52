/** Resources of servers on real ones, all on one host: MariaDB, firewalls, RabbitMQ. */
import { describe, expect, test } from 'vitest';
import type { Task } from '../../src/playbook/index.ts';
import { firewalld, iptables, mysqlDb, ufw } from '../../src/resources/index.ts';
import { Secret } from '../../src/secrets/index.ts';
import { useLawHost } from '../support/law-host.ts';
import { holdToLaws } from '../support/laws.ts';
import { runPlay } from '../support/run-play.ts';
import { skipTests } from '../support/skip-tests.ts';
import { firewalldCases, iptablesCases, ufwCases } from './firewall-cases.ts';
import { mysqlCases } from './mysql-cases.ts';
import { rabbitmqCases } from './rabbitmq-cases.ts';

// Each question of ufw and firewalld starts Python, each of RabbitMQ Erlang: `npm run servers` has them.
const isLong = process.env.PLAY_TEST_SERVERS === '1';
const reason = isLong ? undefined : '`npm run servers` runs it';
const host = useLawHost(
  'laws-servers',
  ['iptables', 'mariadb-server', ...(isLong ? ['ufw', 'firewalld', 'rabbitmq-server'] : [])],
  ['/etc', '/root'],
);

describe('iptables', () => holdToLaws(host, iptablesCases));
describe('MariaDB', () => holdToLaws(host, mysqlCases));
describe('long', () => {
  skipTests(reason);
  holdToLaws(host, rabbitmqCases);
  test('of two firewalls one', () => host.sh('systemctl stop firewalld'));
  holdToLaws(host, ufwCases);
});

test('a password is in no command line and no environment while the server is asked', async () => {
  await host.sh(`mv /usr/bin/mariadb /usr/bin/mariadb.real; cat >/usr/bin/mariadb <<'END'
#!/bin/sh
{ tr '\\0' ' ' </proc/$$/cmdline; tr '\\0' ' ' </proc/$$/environ; echo; } >>/srv/mariadb.seen
exec /usr/bin/mariadb.real "$@"
END
chmod 755 /usr/bin/mariadb; /usr/bin/mariadb.real -e "CREATE USER seen IDENTIFIED BY 'hunter2-very-secret'; GRANT ALL ON *.* TO seen"`);
  const { tasks } = await runPlay(
    {
      hosts: 'all',
      tasks: () => [mysqlDb({ name: 'seen', loginUser: 'seen', loginPassword: new Secret('hunter2-very-secret') })],
    },
    { connect: () => host.connect() },
  );
  const seen = await host.sh('cat /srv/mariadb.seen; mv /usr/bin/mariadb.real /usr/bin/mariadb');
  expect(tasks.map(({ status }) => status)).toEqual(['changed']);
  expect(seen).toContain('--user=seen');
  expect(seen).not.toContain('hunter2');
});

describe('who shuts us out', () => {
  skipTests(reason);
  const within = { commitConfirmed: { within: 8 } };
  const state =
    'iptables -S; iptables -t nat -S; ufw status; grep -h tuple /etc/ufw/user.rules; cat /etc/ufw/ufw.conf; firewall-cmd --list-all; ls /etc/firewalld/zones; :';
  test.each<[string, () => readonly Task[]]>([
    [
      'iptables',
      () => [
        iptables({ chain: 'INPUT', protocol: 'tcp', destinationPort: '22', ctstate: ['NEW'], jump: 'DROP' }, within),
      ],
    ],
    ['ufw', () => [ufw({ state: 'enabled', rule: 'deny', toPort: '22' }, within)]],
    [
      'firewalld',
      () => [
        firewalld(
          { richRule: 'rule port port=22 protocol=tcp drop', state: 'enabled', permanent: true, immediate: true },
          within,
        ),
      ],
    ],
  ])('%s: it is put back', async (name, tasks) => {
    if (name === 'firewalld')
      await host.sh('systemctl start firewalld; until firewall-cmd -q --state; do sleep 0.2; done');
    const before = await host.sh(state);
    const run = (): ReturnType<typeof runPlay> =>
      runPlay({ hosts: 'all', tasks }, { target: () => ({ ...host.target(), limits: { answer: 30 } }) });
    const { tasks: done } = await run();
    expect(done.find(({ status }) => status === 'failed')?.error?.what).toMatch(
      /^Put back, as no new login confirmed it/,
    );
    expect(await host.sh(state)).toBe(before);
  });
});

describe('firewalld', () => {
  skipTests(reason);
  holdToLaws(host, firewalldCases);
});
