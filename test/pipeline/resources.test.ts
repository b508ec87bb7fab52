/**
 * The resources of the pipeline on real servers, docker and PostgreSQL, on one host. The images are busybox, loaded
 * from archives: no registry is reached.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { container, containerImage, postgresqlMigrations, postgresqlUser } from '../../src/resources/index.ts';
import { isPassword, scramVerifier } from '../../src/resources/postgresql/scram.ts';
import { readScript } from '../../src/resources/postgresql/statements.ts';
import { useLawHost } from '../support/law-host.ts';
import { holdToLaws } from '../support/laws.ts';
import { runPlay } from '../support/run-play.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { containerCases, noDevices, secret } from './container-cases.ts';
import { imageArchive } from './image-archive.ts';
import { postgresqlCases } from './postgresql-cases.ts';

const host = useLawHost(
  'laws-pipeline',
  ['docker.io', 'iptables', 'busybox-static', 'postgresql'],
  ['/etc/docker', '/etc/postgresql', '/run/docker'],
);
const folder = temporaryFolder('images');
const archives = { one: join(folder, 'one.tar'), two: join(folder, 'two.tar') };

beforeAll(async () => {
  const busybox = Buffer.from(await host.sh('base64 </bin/busybox'), 'base64');
  writeFileSync(
    archives.one,
    imageArchive({ name: 'stand-in:1', busybox, env: ['FROM_IMAGE=1'], labels: { of: 'image' } }),
  );
  writeFileSync(archives.two, imageArchive({ name: 'stand-in:1', busybox, env: ['FROM_IMAGE=2'] }));
});

describe('containers', () => holdToLaws(host, containerCases(archives)));
describe('PostgreSQL', () => holdToLaws(host, postgresqlCases));

test('secrets are in no command line while a container is made', async () => {
  await host.sh(`mv /usr/bin/docker /usr/bin/docker.real; cat >/usr/bin/docker <<'END'
#!/bin/sh
printf '%s\\n' "$*" >>/srv/docker.argv
exec /usr/bin/docker.real "$@"
END
chmod 755 /usr/bin/docker`);
  const connection = await host.connection();
  const { recap, tasks } = await runPlay(
    {
      hosts: 'all',
      tasks: () => [container({ name: 'ss', image: 'stand-in:1', ...noDevices, env: { PASSWORD: secret } })],
    },
    { connect: async () => connection },
  );
  expect(recap.exit, tasks[0]?.error?.stderr).toBe(0);
  expect(await host.sh('cat /srv/docker.argv')).toContain('create');
  expect(await host.sh('cat /srv/docker.argv')).not.toContain('hunter2');
});

test.each([
  ['without an image only the state', () => container({ name: 'xx', ports: ['80:80'] }), /`ports` needs the `image`/],
  ['a port that is none', () => container({ name: 'xx', image: 'y', ports: ['80'] }), /HOST:CONTAINER/],
  [
    'an archive without the image',
    () => containerImage({ name: 'other:1', archive: archives.one }),
    /does not hold the image other:1/,
  ],
  [
    'networks and a mode',
    () => container({ name: 'xx', image: 'y', networks: ['net'], networkMode: 'host' }),
    /either/,
  ],
  [
    'a password for a role that goes',
    () => postgresqlUser({ name: 'x', state: 'absent', password: secret }),
    /needs state/,
  ],
  [
    'a folder of migrations that is not there',
    () => postgresqlMigrations({ src: '/nowhere', db: 'x' }),
    /cannot be read/,
  ],
])('refused at the desk: %s', async (_, task, says) => {
  await expect(runPlay({ hosts: 'all', tasks: () => [task()] })).rejects.toThrow(says);
});

test('a password is known from what PostgreSQL keeps of it', () => {
  // The example of RFC 7677: user "user", password "pencil".
  const kept =
    'SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=';
  expect(scramVerifier('pencil', Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64'))).toBe(kept);
  expect(['pencil', 'Pencil', kept].map((one) => isPassword(one, kept, 'user'))).toEqual([true, false, true]);
  expect(isPassword('pencil', null, 'user')).toBe(false);
});

test.each([
  ['BEGIN; SELECT 1; COMMIT;', true],
  ['  start\n transaction;', true],
  ["-- BEGIN;\n/* /* BEGIN; */ BEGIN; */ SELECT 'x; BEGIN;', E'\\'; BEGIN;', \"; BEGIN;\";", false],
  ['CREATE FUNCTION f() RETURNS void AS $b$ ; BEGIN; END; $b$ LANGUAGE plpgsql;', false],
  ['COPY t FROM stdin;\nbegin;\n\\.\nSELECT 1;', false],
  ['SELECT 1; begin work; COMMIT', true],
])('%s: a transaction of its own: %s', (sql, is) => expect(readScript(sql).hasTransaction).toBe(is));
