import { describe } from 'vitest';
import { useLawHost } from '../support/law-host.ts';
import { holdToLaws } from '../support/laws.ts';
import { debianCases } from './cases/debian.ts';
import { genericCases } from './cases/generic.ts';

const host = useLawHost(
  'laws-debian',
  ['acl', 'kmod', 'libcap2-bin', 'locales', 'tzdata'],
  ['/etc', '/var/cache/debconf', '/usr/lib/locale'],
);

describe('what Debian keeps', () => holdToLaws(host, debianCases));
describe('whatever a host has', () => holdToLaws(host, genericCases));
