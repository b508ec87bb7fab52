import { describe } from 'vitest';
import { useInstalled } from '../support/installed.ts';
import { lawHost } from '../support/law-host.ts';
import { holdToLaws } from '../support/laws.ts';
import { systemFileCases } from './cases/system-files.ts';
import { textCases } from './cases/texts.ts';

const { host } = lawHost('laws-texts', ['/etc', '/home', '/var/spool/cron']);
useInstalled(host, 'cron');

describe('texts', () => holdToLaws(host, textCases));
describe('files of the system', () => holdToLaws(host, systemFileCases));
