import type { ProbeKind, Question } from '../contract/index.ts';
import { lookedAt } from './sh-texts.ts';
import { unitFiles, unitFolders } from './unit.ts';

const kind: ProbeKind<string> = {
  kind: 'unit-enabled',
  arity: 1,
  ...lookedAt(`for u do systemctl is-enabled -- "$u" 2>/dev/null; echo .; done`),
  decode(stdout, questions) {
    const answers = stdout.toString('utf8').split(/^\.\n/m);
    return questions.map((_, i) => answers[i]?.trim() ?? '');
  },
  depends: ([name = '']) => [
    { on: 'units' },
    { on: 'unit', unit: name },
    ...unitFiles(name, unitFolders).map((path) => ({ on: 'below' as const, path })),
  ],
  ofContent: true,
};

/**
 * Whether a unit is enabled, by the links there are on disk; empty where there is no such unit. What `unit` answers
 * systemd has in memory until it reads its files again, so that of links that somebody has removed it knows nothing.
 */
export function unitEnabled(name: string): Question<string> {
  return { kind, args: [name] };
}
