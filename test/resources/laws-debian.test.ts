import { describe } from 'vitest';
import { useLawHost } from '../support/law-host.ts';
import { holdToLaws } from '../support/laws.ts';
import { debianCases } from './cases/debian.ts';

const host = useLawHost(
  'laws-debian',
  ['acl', 'libcap2-bin', 'locales', 'tzdata'],
  ['/etc', '/var/cache/debconf', '/usr/lib/locale'],
);

describe('what Debian keeps', () => holdToLaws(host, debianCases));
