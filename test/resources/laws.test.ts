import { afterAll, describe } from 'vitest';
import { connectWith } from '../../src/connection/connect.ts';
import { connect, type Connection } from '../../src/connection/index.ts';
import { LANE_PATH } from '../../src/connection/lane-program.ts';
import { holdToLaws, type LawHost } from '../support/laws.ts';
import { useHosts } from '../support/sandbox.ts';
import { accountCases } from './cases/accounts.ts';
import { commandCases, commandNeedCases } from './cases/commands.ts';
import { editCases } from './cases/edits.ts';
import { fileCases } from './cases/files.ts';
import { nameCases } from './cases/names.ts';
import { refusedLinkCases, turnedLinkCases } from './cases/turned-links.ts';

const hosts = useHosts('laws');
const open: Promise<Connection>[] = [];
afterAll(async () => void (await Promise.all(open.map(async (one) => (await one).close()))));

async function sh(script: string, ...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await hosts.exec('laws', ['sh', '-c', script, 'sh', ...args]);
  if (code !== 0) throw new Error(`code ${code}: ${stderr}\n${script}`);
  return stdout;
}

/** The host as `connect` reaches it; one login for all cases. */
function lawHost(connect: () => Promise<Connection>): LawHost {
  let connection: Promise<Connection> | undefined;
  return {
    sh,
    watched: ['/etc', '/home'],
    connection() {
      if (connection === undefined) open.push((connection = connect()));
      return connection;
    },
  };
}

/** Cases that keep to their folder. */
const ofFiles = [...fileCases, ...nameCases, ...editCases, ...turnedLinkCases];
const together = 16;

describe('the laws on a Debian host', () => {
  const host = lawHost(() => connect(hosts.target('laws', 'root')));
  holdToLaws(host, ofFiles, together);
  holdToLaws(host, [...commandCases, ...commandNeedCases, ...accountCases, ...refusedLinkCases]);
});

describe('the laws where sh and all small tools are busybox', () => {
  const host = lawHost(async () => {
    await sh(
      'apt-get update -q >/dev/null; apt-get install -qy busybox >/dev/null 2>&1; mkdir -p /opt/applets; busybox --install -s /opt/applets',
    );
    return connectWith(
      { ...hosts.target('laws', 'root'), transport: 'ssh2' },
      { shell: '/opt/applets/sh', path: `/opt/applets:${LANE_PATH}` },
    );
  });
  holdToLaws(host, ofFiles, together);
  holdToLaws(host, commandCases);
});
