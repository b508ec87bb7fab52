import { ProbeFailure, type ProbeKind, type Question } from '../../contract/index.ts';
import {
  downloadArgs,
  downloadArity,
  errorIn,
  fetching,
  type DownloadError,
  type DownloadRequest,
} from '../files/download.probe.ts';
import { readFields, type DebFile } from './deb-file.probe.ts';

/** What a package file at an address is. */
export type PublishedDeb = DebFile | DownloadError;

/** A package file that was fetched. */
export type FetchedDeb =
  | {
      /** On the host, in a private folder that goes with the connection. */
      readonly path: string;
      /** In the algorithm of the digest that is asked for; else SHA-256. */
      readonly digest: string;
    }
  | DownloadError;

/** Its fields stand at the head of a package file (deb(5)): mostly no more than this has to come. 512 bytes each. */
const headBlocks = 2048;

const headKind: ProbeKind<PublishedDeb> = {
  kind: 'deb-head',
  arity: downloadArity,
  timeout: 7200,
  sh: fetching(
    `
  if o=$(dpkg-deb -f "$t" Package Version Architecture 2>&1); then echo "deb $(printf "%s" "$o" | base64 | tr -d "\\n")"
  else echo "broken $(printf "%s" "$o" | tail -n 2 | base64 | tr -d "\\n")"; fi`,
    // A limit of the shell's stops every client alike.
    `{ (ulimit -f ${headBlocks}; fetch "$t") >/dev/null 2>&1 || dpkg-deb -f "$t" Package >/dev/null 2>&1; } || fetch "$t"`,
  ),
  decode(stdout, questions) {
    const lines = stdout.toString('utf8').split('\n');
    return questions.map((question, i): PublishedDeb | ProbeFailure => {
      const line = lines[i] ?? '';
      const [, is, coded = ''] = /^(deb|broken) (\S*)$/.exec(line) ?? [];
      if (is === undefined) return errorIn(line, question) ?? new ProbeFailure('no answer');
      return readFields(is, Buffer.from(coded, 'base64').toString('utf8'));
    });
  },
  // What is published elsewhere does not change with this host.
  depends: () => [],
};

/** Which package an address has now. */
export function debHead(request: DownloadRequest): Question<PublishedDeb> {
  return { kind: headKind, args: downloadArgs(request) };
}

const fetchedKind: ProbeKind<FetchedDeb> = {
  kind: 'deb-fetched',
  arity: downloadArity,
  timeout: 7200,
  inTurn: true,
  sh: fetching(`
  if ! command -v "\${digest}sum" >/dev/null 2>&1; then echo "error 0 the host has no \${digest}sum"
  else
    sum=$("\${digest}sum" <"$t") lane=\${0%/*}
    p=$lane/$(printf %s "$url" | md5sum | cut -c 1-16).deb
    case $lane in */play.[0-9]*) ;; *) lane=;; esac
    if [ -z "$lane" ] || [ $(($(wc -c <"$t") / 1024 + 1024)) -gt "$(df -Pk "$lane" | awk 'NR == 2 { print $4 + 0 }')" ]; then echo "error 0 there is no room for it in \${lane:-/run}"
    elif mv -f -- "$t" "$p" && chmod 0600 "$p"; then echo "fetched \${sum%% *} $p"
    else echo "error 0 it cannot be kept in $lane"; fi
  fi`),
  decode(stdout, questions) {
    const lines = stdout.toString('utf8').split('\n');
    return questions.map((question, i): FetchedDeb | ProbeFailure => {
      const [, digest, path] = /^fetched ([0-9a-f]+) (\/.+)$/.exec(lines[i] ?? '') ?? [];
      if (digest === undefined || path === undefined)
        return errorIn(lines[i] ?? '', question) ?? new ProbeFailure('no answer');
      return { path, digest };
    });
  },
  // It may be gone with what happened since.
  depends: () => [{ on: 'everything' }],
};

/** Fetches a package to where apt can be asked about it. */
export function debFetched(request: DownloadRequest): Question<FetchedDeb> {
  return { kind: fetchedKind, args: downloadArgs(request) };
}
