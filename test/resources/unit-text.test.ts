import { describe, expect, test } from 'vitest';
import { systemd } from '../../src/resources/index.ts';
import {
  installationOf,
  readCommand,
  readUnitText,
  triggersOf,
  whyBad,
  withoutSpecifiers,
} from '../../src/resources/services/units/unit-text.ts';
import { runPlay } from '../support/run-play.ts';

describe('what unit files say (systemd.syntax(7))', () => {
  const rows: readonly [what: string, files: readonly string[], values: readonly string[]][] = [
    ['each in order', ['[Service]\nExecStart=a\nExecStart = b \n'], ['a', 'b']],
    [
      'an empty one takes back those before it, also in a drop-in',
      ['[Service]\nExecStart=a\n', '[Service]\nExecStart=\nExecStart=b\n'],
      ['b'],
    ],
    [
      'lines go on behind a backslash, comments between them',
      ['[Service]\nExecStart=a \\\n# no\n; no\n  b\n'],
      ['a  b'],
    ],
    ['of another section, or of none', ['ExecStart=x\n[Unit]\nExecStart=y\n[Service]\nExecStart=z\n'], ['z']],
    ['comments and CR LF', ['# [Service]\n[Service]\r\nExecStart=a\r\n#ExecStart=b\r\n'], ['a']],
  ];
  test.each(rows)('%s', (_, files, values) =>
    expect(readUnitText('a.service', files).values('Service', 'ExecStart')).toEqual(values),
  );
});

describe('what enabling makes (systemd.unit(5))', () => {
  const folder = '/etc/systemd/system';
  const rows: readonly [name: string, install: string, expected: Partial<ReturnType<typeof installationOf>>][] = [
    [
      'a.service',
      'WantedBy=multi-user.target b.target\nRequiredBy=c.service',
      {
        links: [
          `${folder}/multi-user.target.wants/a.service`,
          `${folder}/b.target.wants/a.service`,
          `${folder}/c.service.requires/a.service`,
        ],
        aliases: [],
      },
    ],
    [
      'a.service',
      'Alias=b.service a.service\nAlso=a.socket a.timer',
      { links: [], aliases: ['b.service'], also: ['a.socket', 'a.timer'] },
    ],
    [
      'a@.service',
      'WantedBy=m.target\nDefaultInstance=x',
      { name: 'a@x.service', links: [`${folder}/m.target.wants/a@x.service`] },
    ],
    [
      'a@y.service',
      'WantedBy=%i.target\nAlias=b@.service\nDefaultInstance=x',
      { name: 'a@y.service', links: [`${folder}/y.target.wants/a@y.service`], aliases: ['b@y.service'] },
    ],
  ];
  test.each(rows)('%s: %s', (name, install, expected) =>
    expect(installationOf(readUnitText(name, [`[Install]\n${install}\n`]))).toMatchObject(expected),
  );
});

describe('what systemd refuses', () => {
  const rows: readonly [name: string, text: string, why: RegExp | undefined][] = [
    ['a.service', '[Service]\nExecStart=/a', undefined],
    ['a.service', '[Service]\nExecStart=a b', undefined],
    ['a.service', '[Service]\nExecStart=b/a', /not an absolute path/],
    ['a.service', '[Service]\nExecStart=/a\nExecStart=/b', /more than one/],
    ['a.service', '[Service]\nType=oneshot\nExecStart=/a\nExecStart=/b', undefined],
    ['a.service', '[Service]\nType=oneshot\nExecStart=/a\nRestart=always', /Restart=always/],
    ['a.service', '[Service]\nExecStop=/a', /RemainAfterExit/],
    ['a.service', '[Service]\nExecStop=/a\nRemainAfterExit=yes', undefined],
    ['a.service', '[Service]\nType=forking', /neither/],
    ['a.service', '[Service]\nType=dbus\nExecStart=/a', /BusName/],
    ['a.timer', '[Timer]\nUnit=b.service', /needs a time/],
    ['a.timer', '[Timer]\nOnBootSec=5', undefined],
    ['a.socket', '[Socket]\nAccept=yes', /nothing to listen on/],
    ['a.path', '[Path]\nPathExists=/x', undefined],
    ['a.target', '', undefined],
  ];
  test.each(rows)('%s: %s', (name, text, why) => {
    const refused = whyBad(readUnitText(name, [text])) ?? '';
    expect(refused).toMatch(why ?? /^$/);
  });
});

test('what timers, paths and sockets are for', () => {
  const of = (name: string, text: string): readonly string[] => triggersOf(readUnitText(name, [text]));
  expect([
    of('a.timer', ''),
    of('a.timer', '[Timer]\nUnit=b.target'),
    of('a.socket', ''),
    of('a.socket', '[Socket]\nAccept=yes'),
    of('a.path', '[Path]\nUnit=c.service'),
    of('a.service', ''),
  ]).toEqual([['a.service'], ['b.target'], ['a.service'], [], ['c.service'], []]);
});

test('command lines and specifiers', () => {
  expect(readCommand('-@/bin/a name "x y" \'z\'')).toEqual({ marks: '-@', program: '/bin/a', args: ['x y', 'z'] });
  expect([
    withoutSpecifiers('/x/%i/%p%%', 'a@b.service'),
    withoutSpecifiers('/x/%h', 'a.service'),
    withoutSpecifiers('/x/%n', 'a.service'),
  ]).toEqual(['/x/b/a%', undefined, '/x/a.service']);
});

test('a template is not started, its instances are', async () => {
  await expect(runPlay({ hosts: 'all', tasks: () => [systemd({ name: 'a@', state: 'started' })] })).rejects.toThrow(
    /a@ is a template; name an instance of it: a@one/,
  );
});
