/** `lookup('dig')` against a resolver on the loopback: what is expected is what community.general's own gave there. */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadInventory } from '../../src/inventory/index.ts';
import { Unreadable } from '../../src/secrets/index.ts';
import { skipTests } from '../support/skip-tests.ts';

const program = '/usr/sbin/dnsmasq';
skipTests(existsSync(program) ? undefined : 'dnsmasq is not installed: apt-get install dnsmasq-base');

const records = [
  '--host-record=web.test,192.0.2.7,2001:db8::7',
  '--cname=alias.test,web.test',
  '--host-record=two.test,192.0.2.8',
  '--host-record=two.test,192.0.2.9',
  '--txt-record=text.test,v=one two,three',
  '--mx-host=mail.test,web.test,10',
  '--srv-host=_xmpp._tcp.test,web.test,5222,5,10',
];
let resolver: ChildProcess;
let server = '';

beforeAll(async () => {
  const port = await freePort();
  server = `@127.0.0.1:${port}`;
  const own = ['--conf-file=/dev/null', '--pid-file', '--no-resolv', '--no-hosts', '--local=/test/'];
  const where = ['--bind-interfaces', '--listen-address=127.0.0.1', `--port=${port}`];
  resolver = spawn(program, ['--no-daemon', ...own, ...where, ...records], { stdio: ['ignore', 'ignore', 'pipe'] });
  await new Promise((done) => resolver.stderr?.once('data', done));
});
afterAll(() => void resolver.kill());

function freePort(): Promise<number> {
  return new Promise((done) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => done(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

const cases: readonly (readonly [string, unknown])[] = [
  ["lookup('dig', 'web.test', SERVER)", '192.0.2.7'],
  ["lookup('dig', 'web.test.', 'qtype=AAAA', SERVER)", '2001:db8::7'],
  ["lookup('community.general.dig', 'web.test/AAAA', SERVER)", '2001:db8::7'],
  ["query('dig', 'two.test', SERVER) | sort", ['192.0.2.8', '192.0.2.9']],
  ["lookup('dig', 'text.test', SERVER, qtype='TXT')", 'v=one two" "three'],
  ["lookup('dig', 'mail.test', 'qtype=MX', SERVER)", '10 web.test.'],
  ["lookup('dig', 'alias.test', 'qtype=CNAME', SERVER)", 'web.test.'],
  ["lookup('dig', 'alias.test', SERVER)", '192.0.2.7'],
  ["lookup('dig', '_xmpp._tcp.test', 'qtype=SRV', SERVER)", '5 10 5222 web.test.'],
  ["lookup('dig', '192.0.2.7/PTR', SERVER)", 'web.test.'],
  ["lookup('dig', '2001:db8::7', 'qtype=PTR', SERVER)", 'web.test.'],
  ["lookup('dig', 'missing.test', SERVER)", 'NXDOMAIN'],
  ["lookup('dig', 'web.test', 'qtype=TXT', 'retry_servfail=true', SERVER)", ''],
  ["lookup('flattened', [])", []],
  ["lookup('dig', 'missing.test', 'fail_on_error=true', SERVER)", 'DNS has no A of missing.test'],
];

test('a lookup of DNS gives what Ansible gives', () => {
  const texts = cases.map(([text], i) => [`v${i}`, `{{ ${text.replace('SERVER', `'${server}'`)} }}`]);
  const vars = loadInventory({ sources: ['h,'], extraVars: [JSON.stringify(Object.fromEntries(texts))] }).extraVars(
    'h',
  );
  const found = cases.map(([text, wanted], i) => {
    const value = vars[`v${i}`];
    if (!(value instanceof Unreadable)) return [text, value];
    const { message } = value.problem();
    return [text, typeof wanted === 'string' && message.includes(wanted) ? wanted : message];
  });
  expect(found).toEqual(cases);
});
