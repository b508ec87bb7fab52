import type { ProbeKind, Question } from '../../contract/index.ts';

// One line a package and architecture: `name:arch want`. The plain name is that of the first.
const kind: ProbeKind<string | null> = {
  kind: 'dpkg-selection',
  arity: 1,
  sh: `xargs -0 dpkg-query -W -f '\${Package} \${Architecture} \${db:Status-Want}\\n' -- 2>/dev/null; exit 0`,
  decode(stdout, questions) {
    const found = new Map<string, string>();
    for (const line of stdout.toString('utf8').split('\n')) {
      const [name = '', arch = '', want = ''] = line.split(' ');
      if (!found.has(name)) found.set(name, want);
      found.set(`${name}:${arch}`, want);
    }
    return questions.map(([name = '']) => {
      const want = found.get(name);
      return want === undefined || want === 'unknown' ? null : want;
    });
  },
  depends: () => [{ on: 'packages' }],
};

/**
 * What dpkg is to do with a package: `install`, `hold`, `deinstall`, `purge`; null where it was never told anything.
 */
export function dpkgSelection(name: string): Question<string | null> {
  return { kind, args: [name] };
}
