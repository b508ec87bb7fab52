import type { ProbeKind, Question, Subject } from '../../contract/index.ts';

/** The locales that are made. */
export const localesSubject: Subject = { on: 'named', name: 'locales' };

const kind: ProbeKind<readonly string[]> = {
  kind: 'locales',
  arity: 1,
  sh: 'locale -a 2>/dev/null; exit 0',
  decode(stdout, questions) {
    const names = stdout
      .toString('utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map(localeKey);
    return questions.map(() => names);
  },
  depends: () => [localesSubject, { on: 'packages' }, { on: 'below', path: '/usr/lib/locale' }],
};

/** A locale's name as glibc compares it: letters and digits of the character set, in lower case. */
export function localeKey(name: string): string {
  return name.replace(/\.([^@]*)/, (_, charset: string) => `.${charset.toLowerCase().replace(/[^a-z0-9]/g, '')}`);
}

/** The locales that are compiled on the host, each as `localeKey` spells it. */
export const locales: Question<readonly string[]> = { kind, args: [''] };
