import { parseListing, listingScript, type Listed } from './listing.ts';
import { ProbeFailure, type ProbeKind, type Question } from './types.ts';

/** What an archive on the host holds. */
export type ArchiveAnswer =
  | {
      readonly members: readonly (Listed & { /** Of a file, in hex. */ readonly sha256: string })[];
      /** Of the archive itself. */
      readonly sha256: string;
    }
  | { readonly error: string };

// Unpacked into a private folder that is gone afterwards: the one way that works for all formats, and shows what will be.
const kind: ProbeKind<ArchiveAnswer> = {
  kind: 'archive',
  arity: 3,
  timeout: 1800,
  inTurn: true,
  sh: `PLAY_LINKS='for p do readlink -n -- "$p"; printf "\\0"; done'; export PLAY_LINKS
xargs -0 -n 3 sh -c '
t=$(mktemp -d /var/tmp/play-ask.XXXXXX) || exit 73
trap "rm -rf -- \\"$t\\"" EXIT
trap "exit 143" HUP INT TERM
strip=$3 depth=
if [ ! -f "$1" ]; then e="it does not exist"
elif [ "$2" = y ]; then e=$(unzip -q -o "$1" -d "$t" 2>&1 </dev/null) && e=
else e=$(tar -xpof "$1" -C "$t" \${strip:+"--strip-components=$strip"} 2>&1) && e=; fi
if [ -n "$e" ]; then printf "%s" "$e" | tail -n 1 | tr -d "\\n"; echo; echo; echo; echo; echo; echo; exit 0; fi
echo
sha256sum <"$1" | cut -c 1-64
cd "$t"
${listingScript}
find . -type f -exec sha256sum {} + | sed "s/^.\\{0,1\\}\\([0-9a-f]\\{64\\}\\) .*/\\1/" | base64 | tr -d "\\n"; echo' sh`,
  decode(stdout, questions) {
    const lines = stdout.toString('utf8').split('\n');
    return questions.map((_, i): ArchiveAnswer | ProbeFailure => {
      const [error = '', sha256 = '', names, states, links, sums] = lines.slice(i * 6, i * 6 + 6);
      if (error !== '') return { error };
      if (sums === undefined) return new ProbeFailure('no answer');
      const listed = parseListing(names, states, links);
      if (listed instanceof ProbeFailure) return listed;
      const hashes = Buffer.from(sums, 'base64').toString('latin1').split('\n').filter((line) => /^[0-9a-f]{64}$/.test(line));
      return { sha256, members: listed.map((one) => ({ ...one, sha256: one.type === 'file' ? (hashes.shift() ?? '') : '' })) };
    });
  },
  depends: ([path = '']) => [{ on: 'path', path }],
};

/** What is in an archive that lies on the host, `strip` leading folders taken off. */
export function archiveMembers(path: string, isZip: boolean, strip: number): Question<ArchiveAnswer> {
  return { kind, args: [path, isZip ? 'y' : 'n', strip > 0 ? String(strip) : ''] };
}
