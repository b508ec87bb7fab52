import { ProbeFailure, type ProbeKind, type Question } from '../contract/index.ts';
import { aptScratchSh } from '../resources/packages/apt-sh.probe.ts';
import { compareVersions } from './version.ts';

/** What the repositories of a host offer of a package. */
export interface Available {
  /** What apt would install by itself; undefined where it has none. */
  readonly candidate: string | undefined;
  /** Every version it could install, the newest first. */
  readonly versions: readonly string[];
  /** The changelog asked for; undefined where the package has none. */
  readonly changelog: string | undefined;
  /** Why the package lists could not be fetched. */
  readonly problem: string | undefined;
}

export interface AvailableRequest {
  readonly name: string;
  /** The version meant; undefined: the candidate. */
  readonly version: string | undefined;
  /** What is installed. When it is the newer of the two, it is its changelog that tells of both. */
  readonly installed: string | undefined;
}

// Lists and package go to a private folder: looking leaves the host as it was. A changelog is cut at a length nobody
// reads to the end.
const sh = String.raw`${aptScratchSh}
tr '\000' '\n' >"$s/request"
{ IFS= read -r name; IFS= read -r version; IFS= read -r installed; } <"$s/request"
cache
refresh
[ ! -s "$a/update.failed" ] || sed 's/^/problem /' "$a/update.failed"
apt() { command="$1"; shift; "$command" -o Dir::Cache="$a/cache" -o Dir::State::lists="$a/lists" "$@" 2>/dev/null </dev/null; }
# Versions that only dpkg knows of cannot be installed again: madison leaves them out.
apt apt-cache madison "$name" | sed -n 's/^[^|]*| *\([^ |]*\) *|.*Packages *$/version \1/p' | sort -u
candidate=$(LC_ALL=C apt apt-cache policy "$name" | sed -n 's/^  Candidate: //p')
case $candidate in ''|'(none)') candidate=;; *) echo "candidate $candidate";; esac
of=$version
[ -n "$of" ] || of=$candidate
if [ -n "$of" ] && [ -n "$installed" ] && dpkg --compare-versions "$installed" gt "$of"; then of=$installed; fi
if [ -n "$of" ]; then
  set +f
  (cd "$s" && apt apt-get -q download "$name=$of" >/dev/null)
  for deb in "$s"/*.deb; do [ -e "$deb" ] || deb=; break; done
  log="$s/changelog"
  doc="usr/share/doc/$name"
  if [ -n "$deb" ]; then
    for f in changelog.Debian.gz changelog.gz changelog.Debian; do
      dpkg-deb --fsys-tarfile "$deb" 2>/dev/null | tar -xOf - "./$doc/$f" >"$log" 2>/dev/null && [ -s "$log" ] && break
    done
  elif [ "$of" = "$installed" ]; then
    for f in changelog.Debian.gz changelog.gz changelog.Debian; do
      cat "/$doc/$f" >"$log" 2>/dev/null && [ -s "$log" ] && break
    done
  fi
  if [ -s "$log" ]; then echo changelog; (gzip -dc "$log" 2>/dev/null || cat "$log") | head -c 262144; fi
fi
exit 0`;

const kind: ProbeKind<Available> = {
  kind: 'deployer-available',
  arity: 3,
  // It fetches lists and a package.
  timeout: 300,
  sh,
  decode(stdout, questions, stderr) {
    // One question at a time: every host is asked about one package.
    if (questions.length > 1) return questions.map(() => new ProbeFailure('one package at a time'));
    const text = stdout.toString('utf8');
    if (text === '' && stderr !== '') return [new ProbeFailure(stderr.trim())];
    return [decodeOffered(text)];
  },
  depends: () => [{ on: 'everything' }],
};

/** What a host's repositories offer now, asked with fresh lists. Needs root, as apt does for some sources. */
export function available({ name, version, installed }: AvailableRequest): Question<Available> {
  return { kind, args: [name, version ?? '', installed ?? ''] };
}

function decodeOffered(text: string): Available {
  const at = /^changelog\n/m.exec(text);
  const lines = text.slice(0, at?.index).split('\n');
  const all = (word: string): string[] =>
    lines.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1));
  const problems = all('problem');
  return {
    candidate: all('candidate')[0],
    versions: all('version').sort((a, b) => compareVersions(b, a)),
    changelog: at ? text.slice(at.index + at[0].length) : undefined,
    problem: problems.length > 0 ? problems.map((line) => line.replace(/^E: /, '')).join('\n') : undefined,
  };
}
