import { ProbeFailure, type ProbeKind, type Question, type Subject } from '../../contract/index.ts';
import { allowMark } from '../../probes/index.ts';

/** The kernel's tables of nftables. */
export const nftablesSubject: Subject = { on: 'named', name: 'nftables' };

/** A table as nft prints it, without counters; empty where there is none. */
export type NftTable =
  | { readonly is: 'table'; readonly text: string }
  | { readonly is: 'no tool' }
  | { readonly is: 'refused'; readonly why: string }
  | { readonly is: 'unknown'; readonly why: string };

// nft prints rules otherwise than they were written, so what is wanted is compared as nft prints it too: out of a
// network namespace that is made for this and gone with the process (unshare(1)). `-s`: without counters. An nft whose
// libraries are not there ends with 127, as one that is not there.
const answer = (
  body: string,
): string => `tr '\\0' '\\n' | while IFS= read -r table && IFS= read -r file && IFS= read -r include; do
  if ! command -v nft >/dev/null 2>&1; then echo 'no tool'; echo; continue; fi
  ${body}
  case $? in 0) echo table;; 127) echo 'no tool';; *) echo refused;; esac
  printf '%s\\n' "$out" | base64 | tr -d '\\n'; echo
done`;

const decode: ProbeKind<NftTable>['decode'] = (stdout, questions) => {
  const lines = stdout.toString('latin1').split('\n');
  return questions.map((_, i): NftTable | ProbeFailure => {
    const [is, encoded] = lines.slice(i * 2, i * 2 + 2);
    if (is === 'no tool') return { is };
    if (encoded === undefined) return new ProbeFailure('no answer');
    const text = Buffer.from(encoded, 'base64').toString('utf8').trim();
    if (is === 'table') return { is, text: text === '' ? '' : `${text}\n` };
    return is === 'refused' ? { is, why: text } : new ProbeFailure('no answer');
  });
};

/** A table without what is there for a time only. */
function lasting(text: string): string {
  return text
    .split('\n')
    .filter((line) => !line.includes(`comment "${allowMark}`))
    .join('\n');
}

const live: ProbeKind<NftTable> = {
  kind: 'nft-table',
  arity: 3,
  sh: answer('out=$(nft -s list table inet "$table" 2>/dev/null) || :'),
  decode: (stdout, questions, ...rest) =>
    decode(stdout, questions, ...rest).map((one) =>
      'is' in one && one.is === 'table' ? { is: one.is, text: lasting(one.text) } : one,
    ),
  depends: () => [nftablesSubject, { on: 'packages' }],
};

const wanted: ProbeKind<NftTable> = {
  kind: 'nft-wanted',
  arity: 3,
  sh: answer(
    `out=$(printf %s "$file" | base64 -d | unshare -n sh -c 'nft -f - && nft -s list table inet "$1"' sh "$table" 2>&1)`,
  ),
  decode,
  depends: ([, , include = '']) => [
    { on: 'packages' },
    ...(include === '' ? [] : [{ on: 'below' as const, path: include }]),
  ],
  // The files it includes may be planned ones.
  staged: { answer: (given) => given, impossible: (why) => ({ is: 'unknown', why }) },
};

/** The table `inet NAME` as it is in the kernel. */
export function nftTable(table: string): Question<NftTable> {
  return { kind: live, args: [table, '', ''] };
}

/** What `file` would make of it. `include`: a folder whose files it includes; empty for none. */
export function nftWanted(table: string, file: string, include: string): Question<NftTable> {
  return { kind: wanted, args: [table, Buffer.from(file).toString('base64'), include] };
}
