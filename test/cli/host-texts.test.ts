import * as v from 'valibot';
import { expect, test } from 'vitest';
import { judgeHost, parseTold } from '../../src/cli/commands/doctor/doctor-checks.ts';
import { maskArguments } from '../../src/operator/command-line.ts';
import { readOption } from '../../src/playbook/option-text.ts';
import {
  HostLines,
  StatusBoard,
  makeStyle,
  readEntries,
  recordDetails,
  recordSummary,
  statusLines,
} from '../../src/report/index.ts';
import { Redactor, Secret } from '../../src/secrets/index.ts';

const names = v.union([v.string(), v.array(v.string())]);
const described = v.optional(v.pipe(v.array(v.number()), v.description('numbers')));

// Schema, what a shell gives, what the resource gets.
test.each<readonly [v.GenericSchema, string, unknown]>([
  [v.string(), '644', '644'],
  [v.number(), '8080', 8080],
  [v.number(), 'many', 'many'],
  [v.optional(v.boolean(), false), 'yes', true],
  [v.boolean(), 'maybe', 'maybe'],
  [names, 'curl', 'curl'],
  [names, 'curl,jq', ['curl', 'jq']],
  [names, '["a,b"]', ['a,b']],
  [described, '1, 2', [1, 2]],
  [v.picklist(['present', 'absent']), 'absent', 'absent'],
  [v.union([v.literal(false), v.string()]), 'false', false],
  [v.union([v.number(), v.string()]), '600', 600],
  // Text, where text is allowed: a number would lose the nought, a boolean the word.
  [v.union([v.number(), v.string()]), '0600', '0600'],
  [v.union([v.number(), v.string()]), '1.0', '1.0'],
  [v.union([v.boolean(), v.string()]), 'yes', 'yes'],
  [v.optional(v.boolean()), 'on', true],
  [v.boolean(), 'False', false],
  [v.boolean(), '0', false],
  [v.boolean(), '2', '2'],
  [v.number(), '0x10', '0x10'],
  [v.number(), '', ''],
  [v.custom<object>(() => true), '2', 2],
  [v.custom<object>(() => true), '"2"', '2'],
  [v.unknown(), '2', 2],
  [v.optional(v.unknown()), 'true', true],
  [v.unknown(), '"2"', '2'],
  [v.unknown(), '0755', '0755'],
  [v.unknown(), 'two words', 'two words'],
  [v.unknown(), '{"443":[1],"80":null}', { 443: [1], 80: null }],
  [v.record(v.string(), v.string()), '{"A":"1"}', { A: '1' }],
  [v.record(v.string(), v.string()), 'A=1', 'A=1'],
])('an option of the command line is read as its schema wants it (%#)', (schema, text, value) => {
  expect(readOption(schema, text)).toEqual(value);
});

test.each([
  ['db_password=x port=1', 'db_password=******** port=1'],
  ['{"apiToken": "x,}", "port": 1}', '{"apiToken": "********", "port": 1}'],
  ['--become-password-file=/etc/secret', '--become-password-file=/etc/secret'],
  ['--extra-vars=secret=x', '--extra-vars=secret=********'],
  ['curl https://host/?token=abc&x=1', 'curl https://host/?token=********&x=1'],
  ['key=ssh-ed25519', 'key=ssh-ed25519'],
])('what is called a secret is masked in %s, and nothing else', (typed, kept) => {
  expect(maskArguments([typed])).toEqual([kept]);
});

const now = { from: 1000, to: 1001 };
const fine =
  'time\t1000\t\nuid\t0\t\nshell\t/bin/sh\t\nroom\t/run\tyes\t\nspace\t/\t1000000000\t500000000\t\ninodes\t/\t1000\t500\t\nmemory\t1000000\t500000\n';

test.each([
  ['nothing', fine, []],
  ['a clock that is slow', fine.replace('time\t1000', 'time\t100'), ['clock']],
  ['a full disk', fine.replace('500000000', '0'), ['disk']],
  ['inodes that run out', fine.replace('1000\t500', '1000\t1'), ['disk']],
  ['a shell that is none', fine.replace('/bin/sh', '/usr/sbin/nologin'), ['login shell']],
  ['a root that became read-only', `${fine}readonly\t/\text4\t\n`, ['mounts']],
  ['names that are not found', `${fine}dns\tdeb.debian.org\tno\t\n`, ['names']],
  ['packages half installed', `${fine}broken\tnginx\t\n`, ['packages']],
  ['somebody who holds the lock of apt', `${fine}aptlock\t/var/lib/dpkg/lock\t12\tapt-get\t\n`, ['packages']],
  ['nowhere to work', fine.replace('yes', 'no'), ['room to work']],
  ['a host that says nothing', '', ['room to work', 'clock']],
])('doctor: %s', (_, told, wrong) => {
  const findings = judgeHost(parseTold(told), now).filter(({ verdict }) => verdict !== 'ok');
  expect(findings.map(({ check }) => check)).toEqual(wrong);
  for (const { fix } of findings) expect(fix).toBeTruthy();
});

test('lines of hosts come whole and masked, wherever the pieces end', () => {
  const redactor = new Redactor([new Secret('geheim-123', 'test')]);
  const lines: string[] = [];
  const stream = new HostLines({ redactor, onLine: (line) => lines.push(line) });
  for (const byte of Buffer.from('grün geheim-123\r\n\x1b[2Jlast')) stream.write(Buffer.from([byte]));
  stream.end();
  expect(lines).toEqual(['grün ********', '\x1b[2Jlast']);
});

test('the status tells what each host does and since when', () => {
  let time = 0;
  const board = new StatusBoard(() => time);
  board.listener({ event: 'play', play: 'site', hosts: ['web1', 'web2'], check: false });
  board.connecting('web1');
  time = 5000;
  board.listener({ event: 'working', host: 'web1', task: 'apt nginx' });
  expect(board.all().flatMap((one) => statusLines(one, one.isWorking ? 'Unpacking' : undefined, 77_000, 5))).toEqual([
    'web1   apt nginx  for 1 min 12 s',
    '       | Unpacking',
    'web2   waiting for its turn in "site"  for 1 min 17 s',
  ]);
});

test('a record that is cut short, or from another version, is still shown', () => {
  const entries = readEntries(
    '{"event":"start","id":"x1","command":"play site","hosts":["a"],"new":1}\n{"event":"strange"}\n{"event":"task","task":"t","host":"a","status":"failed","may":null,"role":null,"error":{"what":"no"}}\n{"event":"en',
  );
  expect(recordSummary(entries, makeStyle(false))).toBe('x1  no end: killed, or still running  1 failed  play site');
  expect(recordDetails(entries, makeStyle(false)).slice(-2)).toEqual(['failed  a  t', '    no']);
});
