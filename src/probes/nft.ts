import { ProbeFailure, type ProbeKind, type Question } from './types.ts';

/** A table as it is in the kernel, and as the wanted text would come out there. */
export type NftTable = { readonly is: 'table'; readonly live: string; readonly wanted: string } | { readonly is: 'no tool' } | { readonly is: 'refused'; readonly why: string };

// nft prints rules otherwise than they were written, so both sides are what nft prints: the wanted one out of a network
// namespace that is made for this and gone with the process (unshare(1)). `-s`: without counters.
const kind: ProbeKind<NftTable> = {
  kind: 'nft-table',
  arity: 2,
  sh: `tr '\\0' '\\n' | while IFS= read -r table && IFS= read -r file; do
  if ! command -v nft >/dev/null 2>&1; then echo "no tool"; echo; echo; continue; fi
  live=$(nft -s list table inet "$table" 2>/dev/null | base64 | tr -d '\\n')
  if [ -z "$file" ]; then echo table; echo "$live"; echo; continue; fi
  if ! e=$(printf %s "$file" | base64 -d | nft -c -f - 2>&1); then echo refused; printf %s "$e" | base64 | tr -d '\\n'; echo; echo; continue; fi
  if w=$(printf %s "$file" | base64 -d | unshare -n sh -c 'nft -f - && nft -s list table inet "$1"' sh "$table" 2>&1); then
    echo table; echo "$live"; printf '%s\\n' "$w" | base64 | tr -d '\\n'; echo
  else echo refused; printf %s "$w" | base64 | tr -d '\\n'; echo; echo; fi
done`,
  decode(stdout, questions) {
    const lines = stdout.toString('latin1').split('\n');
    return questions.map((_, i): NftTable | ProbeFailure => {
      const [is, ...rest] = lines.slice(i * 3, i * 3 + 3);
      const [first, second] = rest.map((line) => Buffer.from(line, 'base64').toString('utf8'));
      if (is === 'no tool') return { is };
      if (first === undefined || second === undefined) return new ProbeFailure('no answer');
      if (is === 'table') return { is, live: first, wanted: second };
      return is === 'refused' ? { is, why: first.trim() } : new ProbeFailure('no answer');
    });
  },
  depends: () => [{ on: 'named', name: 'nftables' }, { on: 'packages' }],
};

/** The table `inet NAME`, beside what `file` would make of it (empty: not asked). */
export function nftTable(table: string, file: string): Question<NftTable> {
  return { kind, args: [table, Buffer.from(file).toString('base64')] };
}
