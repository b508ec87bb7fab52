import { ProbeFailure, type ProbeKind, type Question } from '../../contract/index.ts';
import { aptListsSubject } from './apt-host.probe.ts';
import { aptScratchSh } from './apt-sh.probe.ts';

/** A version that sources offer of an installed package. */
export interface OfferedVersion {
  readonly version: string;
  /** One of its sources is a security archive: its suite, codename or label ends in `-security`. */
  readonly isSecurity: boolean;
  /** Of a hundred hosts so many get it by now (`Phased-Update-Percentage`); null: all. */
  readonly phased: number | null;
}

/** An installed package of which a newer version is offered. */
export interface Upgradable {
  /** As apt prints it: with `:ARCH` where that is a foreign one. */
  readonly name: string;
  readonly installed: string;
  /** Newer than the installed one, the newest first. */
  readonly versions: readonly OfferedVersion[];
  /** It is on hold (apt-mark hold). */
  readonly isHeld: boolean;
  /** Why apt would keep it as it is, held and phased ones included; null: it would not. */
  readonly keptBack: string | null;
  /** The units of systemd that it brings. */
  readonly units: readonly string[];
}

/** What could be upgraded on a host. */
export interface AptSurvey {
  /** Why the lists of packages could not be fetched anew; null where they could, or nobody asked. */
  readonly unfetched: string | null;
  /** dpkg was ended half way, and has yet to finish what is in its journal. */
  readonly isInterrupted: boolean;
  /** Packages do not have what they depend on: apt-get refuses all else before that is mended. */
  readonly isBroken: boolean;
  readonly packages: readonly Upgradable[];
}

// As many packages that are kept back are asked for a reason: each costs apt's start-up.
const mostReasons = '30';

const survey = String.raw`
tr '\000\n' '\n\001' >"$s/questions"
while IFS= read -r command && IFS= read -r wants; do
  marks; cache; set -- -o Dir::Cache="$a/cache"
  if [ -n "$wants" ]; then
    refresh; set -- "$@" -o Dir::State::lists="$a/lists"
    echo '@@update'; grep -E '^(E:|W: (Failed to fetch|Some index files))' "$a/update"
  fi
  echo '@@journal'; ls /var/lib/dpkg/updates | grep '^[0-9]'
  IFS=$soh; words=$command
  apt-get -s -y -q "$@" $words >"$s/sim" 2>&1 </dev/null
  if grep -q '^E: Unmet dependencies' "$s/sim"; then
    echo '@@broken'; apt-get -s -y -q "$@" $words --fix-broken >"$s/sim" 2>&1 </dev/null
  fi
  unset IFS
  echo '@@sim'; cat "$s/sim"
  awk '/^The following (packages have been kept back|upgrades have been deferred due to phasing):/ { on = 1; next } /^ / { if (on) for (i = 1; i <= NF; i++) print $i; next } { on = 0 }' "$s/sim" | sort -u >"$s/kept"
  { cat "$s/kept"; sed -n 's/^Inst \([^ ]*\) \[.*/\1/p' "$s/sim"; } | sort -u >"$s/names"
  if [ -s "$s/names" ]; then
    echo '@@held'; dpkg-query -W -f '${'$'}{db:Status-Want} ${'$'}{binary:Package}\n' | sed -n 's/^hold //p'
    echo '@@sources'; apt-cache "$@" policy
    echo '@@policy'; xargs apt-cache "$@" policy <"$s/names"
    echo '@@units'
    while IFS= read -r name; do
      for f in "/var/lib/dpkg/info/$name.list" "/var/lib/dpkg/info/${'$'}{name%%:*}:$(dpkg --print-architecture).list"; do
        [ ! -f "$f" ] || sed -nE "s,^(/usr)?/lib/systemd/system/([^/]+\.(service|socket|target|path|timer|mount)),$name \2,p" "$f"
      done
    done <"$s/names"
    head -n ${mostReasons} "$s/kept" | while IFS= read -r name; do
      echo "@@why $name"; apt-get -s -y -q "$@" install "$name" 2>&1 </dev/null
    done
  fi
  echo '@@end'
done <"$s/questions"
`;

const kind: ProbeKind<AptSurvey> = {
  kind: 'apt-survey',
  arity: 2,
  timeout: 600,
  sh: `live=${aptScratchSh}${survey}`,
  decode(stdout, questions, stderr) {
    const blocks = stdout.toString('utf8').split(/^@@end\n/m);
    return questions.map((_, i) => {
      const block = blocks[i];
      return block?.includes('@@sim\n') ? decodeSurvey(block) : new ProbeFailure(stderr.trim() || 'apt gave no answer');
    });
  },
  depends: () => [{ on: 'packages' }, aptListsSubject, { on: 'below', path: '/etc/apt' }],
};

/**
 * What could be upgraded, and why the rest could not.
 *
 * @param command the arguments of apt-get that upgrade all there is
 * @param refresh against lists fetched anew, to a private place
 */
export function aptSurvey(command: readonly string[], refresh: boolean): Question<AptSurvey> {
  return { kind, args: [command.join('\n'), refresh ? '1' : ''] };
}

/** Reads what the probe prints for one question. */
export function decodeSurvey(text: string): AptSurvey {
  const sections = new Map<string, string[]>();
  for (const section of text.split(/^@@/m).slice(1)) {
    const [head = '', ...lines] = section.split('\n');
    sections.set(head, lines);
  }
  const lines = (name: string): readonly string[] => sections.get(name) ?? [];
  const sim = lines('sim');
  const held = new Set(lines('held').flatMap((name) => [name, name.replace(/:.*/, '')]));
  const kept = keptBack(sim);
  const unfetched = lines('update').filter((line) => line !== '');
  const unitsOf = (name: string): string[] =>
    lines('units').flatMap((line) => (line.startsWith(`${name} `) ? [line.slice(name.length + 1)] : []));
  return {
    unfetched: unfetched.length === 0 ? null : unfetched.slice(0, 3).join('\n'),
    isInterrupted: lines('journal').some((line) => line !== ''),
    isBroken: sections.has('broken'),
    packages: decodePolicy(lines('policy'), securitySources(lines('sources'))).map((one) => ({
      ...one,
      isHeld: held.has(one.name),
      keptBack: kept.has(one.name) ? reasonOf(one.name, lines(`why ${one.name}`)) : null,
      units: unitsOf(one.name),
    })),
  };
}

function keptBack(sim: readonly string[]): Set<string> {
  const names = new Set<string>();
  let isOn = false;
  for (const line of sim) {
    if (/^The following (?:packages have been kept back|upgrades have been deferred due to phasing):/.test(line))
      isOn = true;
    else if (!line.startsWith(' ')) isOn = false;
    else if (isOn) for (const name of line.trim().split(/\s+/)) names.add(name);
  }
  return names;
}

/** What apt says when it is asked for the package by name. */
function reasonOf(name: string, said: readonly string[]): string {
  const removed = said.flatMap((line) => /^(?:Remv|Purg) (\S+)/.exec(line)?.[1] ?? []);
  if (removed.length > 0) return `it would remove ${removed.join(', ')}`;
  const plain = name.replace(/:.*/, '');
  const unmet = said.flatMap((line) => {
    const [, of = '', what = ''] = /^ (\S+) : (.*)$/.exec(line) ?? [];
    return what === '' ? [] : [of.replace(/:.*/, '') === plain ? decapitalized(what) : `${of} ${decapitalized(what)}`];
  });
  if (unmet.length > 0) return unmet.join('; ');
  return 'apt keeps it back';
}

function decapitalized(text: string): string {
  return text.slice(0, 1).toLowerCase() + text.slice(1);
}

/** The sources, as `apt-cache policy` prints them, that are security archives. */
function securitySources(lines: readonly string[]): Set<string> {
  const found = new Set<string>();
  let source = '';
  for (const line of lines) {
    const [, said] = /^ *-?\d+ (.*)$/.exec(line) ?? [];
    if (said !== undefined) source = said.trim();
    // Archive, codename and label: Debian's have it in all of them, Ubuntu's in the archive alone.
    else if (/^ +release .*\b[anl]=[^,]*-security(?:,|$)/i.test(line)) found.add(source);
  }
  return found;
}

/** The version tables of `apt-cache policy NAME...`: versions fall, and those above the installed one are newer. */
function decodePolicy(
  lines: readonly string[],
  security: ReadonlySet<string>,
): Pick<Upgradable, 'name' | 'installed' | 'versions'>[] {
  const packages: { name: string; installed: string; versions: Offer[] }[] = [];
  for (const line of lines) {
    const name = /^(\S+):$/.exec(line)?.[1];
    if (name !== undefined) packages.push({ name, installed: '', versions: [] });
    const last = packages.at(-1);
    if (last === undefined || last.installed !== '') continue;
    const [, star, version = '', priority, phased] =
      /^ (\*\*\*| {3}) (\S+) (-?\d+)(?: \(phased (\d+)%\))?\s*$/.exec(line) ?? [];
    if (star === '***') last.installed = version;
    else if (star !== undefined)
      last.versions.push({ version, priority: Number(priority), phased: phased ?? '100', sources: [] });
    const source = /^ {8,}-?\d+ (.*)$/.exec(line)?.[1];
    if (source !== undefined) last.versions.at(-1)?.sources.push(source.trim());
  }
  return packages.map(({ name, installed, versions }) => ({
    name,
    installed,
    versions: versions
      // What preferences forbid is not on offer (apt_preferences(5)).
      .filter(({ priority }) => priority >= 0)
      .map(({ version, phased, sources }) => ({
        version,
        isSecurity: sources.some((source) => security.has(source)),
        phased: phased === '100' ? null : Number(phased),
      })),
  }));
}

/** A version above the installed one, as it is printed. */
interface Offer {
  readonly version: string;
  readonly priority: number;
  readonly phased: string;
  readonly sources: string[];
}
