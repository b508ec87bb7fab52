/** Resources of servers on real ones, all on one host: MariaDB. */
import { describe } from 'vitest';
import { useLawHost } from '../support/law-host.ts';
import { holdToLaws } from '../support/laws.ts';
import { mysqlCases } from './mysql-cases.ts';

const host = useLawHost('laws-servers', ['mariadb-server'], ['/etc', '/root']);

describe('MariaDB', () => holdToLaws(host, mysqlCases));
