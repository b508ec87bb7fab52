import { ProbeFailure, type ProbeKind, type Question } from '../contract/index.ts';
import { filesLimit } from './content.ts';
import { parseEntries, listingScript, type Listed } from './listing.ts';

/** What an archive on the host holds. */
export type ArchiveAnswer =
  | {
      readonly members: readonly (Listed & { /** Of a file, in hex. */ readonly sha256: string })[];
      /** Of the archive itself. */
      readonly sha256: string;
      readonly isZip: boolean;
    }
  | { readonly error: string };

/**
 * sh: `unpack_zip FILE FOLDER`. Names in UTF-8 are escaped by unzip in any locale that is not (`#U00fc`); 1 is its code
 * for what went well with a warning (bytes before the archive). Holds no single quote.
 */
export const unpackZip = `unpack_zip() {
  command -v unzip >/dev/null || { echo "the host has no unzip; install it before: apt({ name: \\"unzip\\" })" >&2; return 127; }
  LC_ALL=C.UTF-8 unzip -q -o "$1" -d "$2" </dev/null >&2 || [ $? = 1 ]
}`;

// Unpacked into a private folder that is gone afterwards: the one way that works for all formats, and shows what will
// be. Zip is told by its first bytes, or where tar cannot read it (a program that unpacks itself) by unzip.
const kind: ProbeKind<ArchiveAnswer> = {
  kind: 'archive',
  maxOutput: filesLimit,
  arity: 1,
  timeout: 1800,
  inTurn: true,
  sh: `PLAY_LINKS='for p do readlink -n -- "$p"; printf "\\0"; done' PLAY_LANE=$PPID; export PLAY_LINKS PLAY_LANE
xargs -0 -n 1 sh -c '
${unpackZip}
t=$(mktemp -d /var/tmp/play.$PLAY_LANE.ask.XXXXXX) || exit 73
trap "rm -rf -- \\"$t\\"" EXIT
trap "exit 143" HUP INT TERM
depth= zip= e=
unzipped() { if e=$(unpack_zip "$1" "$t" 2>&1); then e= zip=y; else e=\${e:-unzip cannot read it}; fi; }
if [ ! -f "$1" ]; then e="it does not exist"
else case $(head -c 4 <"$1" | od -An -tx1 | tr -d " \\n") in
  504b0304|504b0506|504b0708) unzipped "$1";;
  *)
    if e=$(tar -xpof "$1" -C "$t" 2>&1); then e=; else e=\${e:-tar cannot read it}; fi
    if [ -n "$e" ] && command -v unzip >/dev/null && { unzip -tqq "$1" </dev/null >/dev/null 2>&1 || [ $? = 1 ]; }; then rm -rf -- "$t"; mkdir -m 0700 "$t"; unzipped "$1"; fi;;
esac; fi
if [ -n "$e" ]; then printf "%s\\n" "$e" | head -n 1 | tr -d "\\n"; echo; echo; echo; echo; echo; echo; echo; exit 0; fi
echo
sha256sum <"$1" | cut -c 1-64
echo "$zip"
cd "$t"
${listingScript}
find . -type f -exec sha256sum {} + | sed "s/^\\\\\\\\//" | cut -b 1-64 | base64 | tr -d "\\n"; echo' sh`,
  decode(stdout, questions) {
    const lines = stdout.toString('utf8').split('\n');
    return questions.map((_, i): ArchiveAnswer | ProbeFailure => {
      const [error = '', sha256 = '', zip, names, states, links, sums] = lines.slice(i * 7, i * 7 + 7);
      if (error !== '') return { error };
      if (sums === undefined) return new ProbeFailure('no answer');
      const listed = parseEntries(names, states, links);
      if (listed instanceof ProbeFailure) return listed;
      const hashes = Buffer.from(sums, 'base64')
        .toString('latin1')
        .split('\n')
        .filter((line) => /^[0-9a-f]{64}$/.test(line));
      return {
        sha256,
        isZip: zip === 'y',
        members: listed.map((one) => ({
          ...one,
          identity: undefined,
          hasOtherNames: undefined,
          sha256: one.type === 'file' ? (hashes.shift() ?? '') : '',
        })),
      };
    });
  },
  depends: ([path = '']) => [{ on: 'path', path }],
  follows: true,
  files: ([path = '']) => [path],
};

/** What is in an archive that lies on the host: tar or zip, told by its bytes. */
export function archiveMembers(path: string): Question<ArchiveAnswer> {
  return { kind, args: [path] };
}
