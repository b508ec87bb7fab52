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

/** Databases that are read out of files of /etc and the accounts, on most hosts. Others are the network's. */
const ofFiles = new Set(
  ['aliases', 'ethers', 'group', 'gshadow', 'netgroup', 'networks', 'passwd', 'protocols', 'rpc', 'services', 'shadow'],
);

const kindOf = (name: string, isOfFiles: boolean): ProbeKind<GetentAnswer> => ({
  kind: name,
  arity: 3,
  volatile: !isOfFiles,
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
    isOfFiles
      ? [{ on: 'accounts' }, { on: 'packages' }, { on: 'path', path: '/etc' }, { on: 'below', path: '/etc' }]
      : [{ on: 'everything' }],
  staged: {
    answer: (answer, caveat) => (caveat === undefined ? answer : { ...answer, caveat }),
    impossible: (why) => ({ notRun: why }),
    printed: (answer) => ('notRun' in answer ? '' : answer.lines.join('\n')),
    readsOnly: () => (isOfFiles ? ['/etc'] : undefined),
  },
});

const fileKind = kindOf('getent', true);
const otherKind = kindOf('getent-other', false);

/** Entries of a database of nsswitch.conf(5). @param key empty: all. @param service empty: as the host is set up */
export function getentLines(database: string, key: string, service: string): Question<GetentAnswer> {
  return { kind: ofFiles.has(database) ? fileKind : otherKind, args: [database, key, service] };
}
