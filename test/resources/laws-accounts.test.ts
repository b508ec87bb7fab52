import { describe } from 'vitest';
import { useLawHost } from '../support/law-host.ts';
import { holdToLaws } from '../support/laws.ts';
import { accountNeedCases } from './cases/account-needs.ts';

const host = useLawHost('laws-accounts', ['acl', 'cron', 'libnss-extrausers'], ['/etc', '/home', '/var/mail']);

describe('accounts, and whose files are', () => holdToLaws(host, accountNeedCases));
