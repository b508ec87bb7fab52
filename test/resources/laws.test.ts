import { afterAll, describe } from 'vitest';
import { connect, type Connection } from '../../src/connection/index.ts';
import { holdToLaws, type LawHost } from '../support/laws.ts';
import { useHosts } from '../support/sandbox.ts';
import { accountCases } from './cases/accounts.ts';
import { commandCases } from './cases/commands.ts';
import { editCases } from './cases/edits.ts';
import { fileCases } from './cases/files.ts';

const hosts = useHosts('laws');
let connection: Promise<Connection> | undefined;
const host: LawHost = {
  connection: () => (connection ??= connect(hosts.target('laws', 'root'))),
  async sh(script, ...args) {
    const { code, stdout, stderr } = await hosts.exec('laws', ['sh', '-c', script, 'sh', ...args]);
    if (code !== 0) throw new Error(`code ${code}: ${stderr}\n${script}`);
    return stdout;
  },
  watched: ['/etc', '/home'],
};
afterAll(async () => (await connection)?.close());

describe('the laws on a Debian host', () => holdToLaws(host, [...fileCases, ...editCases, ...commandCases, ...accountCases]));
