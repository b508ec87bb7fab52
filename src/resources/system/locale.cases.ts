import { predict } from '../../contract/index.ts';
import { planCases, type HostDescription } from '../../testing/index.ts';
import { locale } from './locale.ts';
import { locales } from './locales.probe.ts';

const list = '/etc/locale.gen';

/** A host with the package locales: the lines of its list, and what is made. */
const listing = (lines: string, made: readonly string[] = []): HostDescription => ({
  paths: {
    [list]: { type: 'file', content: lines },
    '/usr/share/i18n/SUPPORTED': { type: 'file', content: 'de_DE.UTF-8 UTF-8\nnl_NL@euro ISO-8859-15\n' },
  },
  answers: [predict(locales, ['C', 'C.utf8', 'POSIX', ...made])],
});
const german = { name: 'de_DE.UTF-8' };

export const cases = planCases(locale, {
  'a line that is commented out': {
    options: german,
    host: listing('# de_DE.UTF-8 UTF-8\n# en_US.UTF-8 UTF-8\n'),
    changes: ['content', 'de_DE.UTF-8 absent -> made'],
    writes: { [list]: 'de_DE.UTF-8 UTF-8\n# en_US.UTF-8 UTF-8\n' },
    steps: [`write ${list}`, 'make the locales'],
    result: { names: ['de_DE.UTF-8'], state: 'present' },
  },
  'right already': { options: german, host: listing('de_DE.UTF-8 UTF-8\n', ['de_DE.utf8']) },
  'listed, but never made': {
    options: german,
    host: listing('de_DE.UTF-8 UTF-8\n'),
    changes: ['de_DE.UTF-8 absent -> made'],
    steps: ['make the locales'],
  },
  'not in the list, but one that glibc knows': {
    options: { name: 'nl_NL@euro' },
    host: listing('# de_DE.UTF-8 UTF-8\n'),
    changes: ['content', 'nl_NL@euro absent -> made'],
    writes: { [list]: '# de_DE.UTF-8 UTF-8\nnl_NL@euro ISO-8859-15\n' },
  },
  'one that nobody knows': {
    options: { name: 'xx_XX.UTF-8' },
    host: listing('# de_DE.UTF-8 UTF-8\n'),
    fails: 'glibc has no locale xx_XX.UTF-8 (/usr/share/i18n/SUPPORTED)',
  },
  'taken away': {
    options: { ...german, state: 'absent' },
    host: listing('de_DE.UTF-8 UTF-8\n', ['de_DE.utf8']),
    changes: ['content', 'de_DE.UTF-8 made -> absent'],
    writes: { [list]: '# de_DE.UTF-8 UTF-8\n' },
  },
  'C.UTF-8 is never taken away': {
    options: { name: 'C.UTF-8', state: 'absent' },
    host: listing('# de_DE.UTF-8 UTF-8\n'),
  },
  'nothing to take away where the package is not there': {
    options: { ...german, state: 'absent' },
    host: { answers: [predict(locales, ['C', 'POSIX'])] },
  },
  'the package is missing': {
    options: german,
    host: { answers: [predict(locales, ['C', 'POSIX'])] },
    fails: 'there is no /etc/locale.gen',
    hint: 'Install the package locales first.',
  },
  'the package may come with a command': {
    options: german,
    host: { answers: [predict(locales, ['C', 'POSIX'])] },
    behind: { command: true },
    may: 'there is no /etc/locale.gen yet ("a command" runs before)',
  },
});
