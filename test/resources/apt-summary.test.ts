import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { ProbeFailure } from '../../src/contract/index.ts';
import { aptSimulationInTurn, type AptSimulation } from '../../src/resources/packages/apt-simulate.probe.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** What apt-get 2.6 prints before it asks whether to go on; `-V` has versions, `--print-uris` ends it there. */
const head = 'Reading package lists...\nBuilding dependency tree...\nReading state information...\n';
const nginx = `${head}The following additional packages will be installed:
   nginx-common (1.22.1-9)
Suggested packages:
   fcgiwrap (1.1.0-14)
The following NEW packages will be installed:
   nginx (1.22.1-9)
   nginx-common (1.22.1-9)
0 upgraded, 2 newly installed, 0 to remove and 7 not upgraded.
Need to get 648 kB of archives.
'http://deb.debian.org/debian/pool/main/n/nginx/nginx_1.22.1-9_amd64.deb' nginx_1.22.1-9_amd64.deb 532468
`;
const simulated = `${head}Inst nginx-common (1.22.1-9 Debian:12/stable [all])\nConf nginx-common (1.22.1-9 Debian:12/stable [all])\n`;

/** Asks a host whose apt-get says this, and whose `-s` says that only nginx-common would come. */
function ask(summary: string, code = 0, command = ['install', 'nginx']) {
  const folder = temporaryFolder('apt');
  const calls = join(folder, 'calls');
  writeFileSync(join(folder, 'summary'), summary);
  writeFileSync(join(folder, 'simulated'), simulated);
  writeFileSync(
    join(folder, 'apt-get'),
    `#!/bin/sh\necho "$1" >>'${calls}'\ncase "$*" in *--print-uris*) cat '${folder}/summary'; exit ${code};; esac\ncat '${folder}/simulated'\n`,
  );
  for (const name of ['apt-config', 'apt-cache']) writeFileSync(join(folder, name), '#!/bin/sh\n');
  for (const name of ['apt-get', 'apt-config', 'apt-cache']) chmodSync(join(folder, name), 0o755);
  const { kind, args } = aptSimulationInTurn({ command, refresh: false, planned: [], preferences: [], sources: [] });
  const { stdout, stderr } = spawnSync('sh', ['-c', kind.sh], {
    input: args.map((arg) => `${arg}\0`).join(''),
    env: { PATH: `${folder}:${process.env['PATH']}`, LC_ALL: 'C' },
  });
  const [answer] = kind.decode(stdout, [args], stderr.toString()) as readonly (
    | AptSimulation
    | ProbeFailure
    | undefined
  )[];
  if (answer === undefined || !('actions' in answer)) throw new Error(`no answer: ${stderr.toString()}`);
  return {
    actions: answer.actions.map(({ name, from, to }) => `${name} ${from} ${to}`),
    isSimulated: existsSync(calls) && readFileSync(calls, 'utf8').split('\n').includes('-s'),
  };
}

describe('what apt-get would install is told by its own lists', () => {
  test('of what is new', () =>
    expect(ask(nginx)).toEqual({
      actions: ['nginx null 1.22.1-9', 'nginx-common null 1.22.1-9'],
      isSimulated: false,
    }));

  test('of what is upgraded with it, versions with an epoch and other architectures too', () =>
    expect(
      ask(
        `${head}The following NEW packages will be installed:\n   libc6:i386 (2:2.36-10)\nThe following packages will be upgraded:\n   libc6 (2.36-9 => 2:2.36-10)\n1 upgraded, 1 newly installed, 0 to remove and 0 not upgraded.\n`,
      ),
    ).toEqual({ actions: ['libc6:i386 null 2:2.36-10', 'libc6 2.36-9 2:2.36-10'], isSimulated: false }));

  test('of what is held back or need not be done there is nothing', () =>
    expect(
      ask(
        `${head}nginx is already the newest version (1.22.1-9).\nThe following packages have been kept back:\n   curl (7.88 => 7.89)\n0 upgraded, 0 newly installed, 0 to remove and 1 not upgraded.\n`,
      ),
    ).toEqual({ actions: [], isSimulated: false }));
});

describe('whatever else it says, -s is asked', () => {
  const cases: Readonly<Record<string, string>> = {
    'something goes': nginx.replace(
      '0 upgraded, 2 newly installed, 0 to remove',
      'The following packages will be REMOVED:\n   apache2 (2.4)\n0 upgraded, 2 newly installed, 1 to remove',
    ),
    'an older version': nginx.replace('0 upgraded, 2', '0 upgraded, 1 downgraded, 2'),
    'a held package': nginx.replace(
      '0 upgraded',
      'The following held packages will be changed:\n   nginx (1.22.1-9)\n0 upgraded',
    ),
    'what was left half installed': `${nginx}1 not fully installed or removed.\n`,
    'an essential package': nginx.replace(
      '0 upgraded',
      'WARNING: The following essential packages will be removed.\n0 upgraded',
    ),
    'lists that do not add up, as in another form than this one': nginx.replace('   nginx (1.22.1-9)\n', ''),
    'packages beside each other in a line': nginx.replace(
      ' (1.22.1-9)\n   nginx-common (1.22.1-9)\n0',
      ' nginx-common\n0',
    ),
    'no sum': nginx.replace(/^0 upgraded.*\n/m, ''),
    'another language': nginx.replace('NEW packages will be installed', 'NEUEN Pakete werden installiert'),
  };
  test.each(Object.entries(cases))('%s', (_, said) =>
    expect(ask(said)).toEqual({ actions: ['nginx-common null 1.22.1-9'], isSimulated: true }),
  );

  test('it refuses', () => expect(ask(nginx, 100).isSimulated).toBe(true));
  test('it is to remove', () => expect(ask(nginx, 0, ['remove', 'nginx']).isSimulated).toBe(true));
});
