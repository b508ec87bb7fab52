import type { ProbeKind, Question } from '../../contract/index.ts';

const kind: ProbeKind<string | null> = {
  kind: 'conffile',
  arity: 2,
  sh: `tr '\\000' '\\n' | awk 'NR % 2' | sort -u | xargs -r dpkg-query -W -f '\${Package}\\n\${Conffiles}\\n' -- 2>/dev/null; exit 0`,
  decode(stdout, questions) {
    const sums = new Map<string, string>();
    let of = '';
    for (const line of stdout.toString('utf8').split('\n')) {
      const [, path = '', sum = ''] =
        /^ (\S.*) ([0-9a-f]{32}|newconffile)(?: obsolete| remove-on-upgrade)*$/.exec(line) ?? [];
      if (path !== '') sums.set(`${of}\0${path}`, sum);
      else if (line !== '' && !line.startsWith(' ')) of = line;
    }
    return questions.map(([name = '', path = '']) => sums.get(`${name}\0${path}`) ?? null);
  },
  depends: () => [{ on: 'packages' }],
};

/**
 * The MD5 of a conffile as its package brought it, in hex, as dpkg remembers it until the package is purged; null where
 * it knows of none.
 */
export function conffileSum(name: string, path: string): Question<string | null> {
  return { kind, args: [name, path] };
}
