import { describe } from 'vitest';
import { useLawHost } from '../support/law-host.ts';
import { holdToLaws } from '../support/laws.ts';
import { systemFileCases } from './cases/system-files.ts';
import { textCases } from './cases/texts.ts';

const host = useLawHost('laws-texts', ['cron'], ['/etc', '/home', '/var/spool/cron']);

describe('texts', () => holdToLaws(host, textCases));
describe('files of the system', () => holdToLaws(host, systemFileCases));
