import { ProbeFailure, type ProbeKind, type Question } from '../../contract/index.ts';

/** What getent(1) said. */
export type GetentAnswer =
  | {
      /** 0; 1: no such database; 2: no such key; 3: the database cannot be listed whole; 127: no getent. */
      readonly code: number;
      readonly lines: readonly string[];
      /** Check mode: what is planned before and was not in place when this was asked. */
      readonly caveat?: string;
    }
  | { readonly notRun: string };

const nsswitch = '/etc/nsswitch.conf';

/** The files behind databases that are read out of such, on most hosts; those of accounts are shown whole. */
const filesOf: Readonly<Record<string, readonly string[]>> = {
  passwd: [],
  group: [],
  ...Object.fromEntries(
    ['aliases', 'ethers', 'networks', 'protocols', 'rpc', 'services'].map((name) => [name, [`/etc/${name}`]]),
  ),
  ...Object.fromEntries(['gshadow', 'netgroup', 'shadow'].map((name) => [name, ['/etc']])),
};

/** @param files undefined: the network answers, and whoever else */
const kindOf = (name: string, files: readonly string[] | undefined): ProbeKind<GetentAnswer> => ({
  kind: name,
  arity: 3,
  volatile: files === undefined,
  sh: `xargs -0 -n 3 sh -c '
d=$1 k=$2 s=$3
set -- "$d"; [ -z "$k" ] || set -- "$@" "$k"; [ -z "$s" ] || set -- -s "$s" -- "$@"
timeout 20 getent "$@" 2>/dev/null; printf "\\0%s\\0" $?' sh`,
  decode(stdout, questions) {
    const parts = stdout.toString('utf8').split('\0');
    return questions.map(([database], i) => {
      const [text = '', code = ''] = parts.slice(i * 2, i * 2 + 2);
      if (!/^\d+$/.test(code)) return new ProbeFailure('getent gave no answer');
      if (code === '124') return new ProbeFailure(`getent ${database ?? ''} took over 20 s`);
      return { code: Number(code), lines: text.split('\n').filter((line) => line !== '') };
    });
  },
  depends: () =>
    files === undefined
      ? [{ on: 'everything' }]
      : [
          { on: 'accounts' },
          { on: 'packages' },
          ...[...files, nsswitch].map((path) => ({ on: 'path' as const, path })),
        ],
  staged: {
    answer: (answer, caveat) => (caveat === undefined ? answer : { ...answer, caveat }),
    impossible: (why) => ({ notRun: why }),
    printed: (answer) => ('notRun' in answer ? '' : answer.lines.join('\n')),
    // A planned change of accounts says nothing of nsswitch.conf, and yet counts as one of it.
    readsOnly: () => files,
  },
});

const kinds = new Map(Object.entries(filesOf).map(([name, files]) => [name, kindOf(`getent ${name}`, files)]));
const other = kindOf('getent', undefined);

/** Entries of a database of nsswitch.conf(5). @param key empty: all. @param service empty: as the host is set up */
export function getentLines(database: string, key: string, service: string): Question<GetentAnswer> {
  return { kind: kinds.get(database) ?? other, args: [database, key, service] };
}
