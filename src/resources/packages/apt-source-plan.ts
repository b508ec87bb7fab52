import { predict, settled, type Forecast, type Found, type Plan, type Step } from '../../contract/index.ts';
import { keyProblem } from '../../formats/openpgp-key.ts';
import { content, stat } from '../../probes/index.ts';
import { whyOtherwise } from '../files/download-ahead.ts';
import { folderOf } from '../kit/folder.ts';
import { inOrder } from '../kit/in-order.ts';
import { planManagedFile, planNoFile } from '../kit/managed-file.ts';
import { aptHost, aptListsSubject } from './apt-host.probe.ts';
import { aptSource, readSourceStep, type SourceRequest } from './apt-source.probe.ts';

export interface WantedSource {
  readonly name: string;
  readonly path: string;
  readonly content: Buffer;
  readonly mode: string | undefined;
  readonly state: 'present' | 'absent';
  readonly uris: readonly string[];
  readonly updateCache: boolean;
  readonly fingerprints: readonly string[] | undefined;
  /** The key to put on the host. */
  readonly key?: { readonly path: string; readonly bytes: Buffer };
  /** The key that is on the host. */
  readonly hostKey?: string;
}

export interface SourceResult {
  /** The file below /etc/apt/sources.list.d that contains the source. */
  readonly path: string;
}

export function planAptSource(wanted: WantedSource, found: Found): Plan<SourceResult> {
  const { state, updateCache } = wanted;
  needHostKey(wanted, found);
  const files = state === 'absent' ? planAbsent(wanted, found) : planPresent(wanted, found);
  if (files.changes.length === 0) return files;
  const touches: Plan<unknown>['touches'] = [{ on: 'packages' }, aptListsSubject];
  if (state === 'absent' || files.failure !== undefined) return { ...files, touches };
  const refusal = foreseeSource(wanted, found);
  if (refusal !== undefined)
    return { ...files, ...('failure' in refusal ? { steps: [], after: [] } : {}), ...refusal, touches };
  const host = updateCache ? found.get(aptHost) : undefined;
  return {
    ...files,
    steps: [
      { ...readSourceStep(wanted), looks: atOdds(wanted) },
      ...files.steps,
      ...(updateCache ? [updateStep(wanted, found)] : []),
    ],
    after: [
      ...files.after,
      ...(host ? [predict(aptHost, { ...host, listsAge: host.listsAge ?? 0, refreshed: true })] : []),
    ],
    touches,
  };
}

function planPresent({ path, content: text, mode, key }: WantedSource, found: Found): Plan<SourceResult> {
  const result = { path };
  return inOrder(
    found,
    result,
    (now) =>
      key
        ? planManagedFile({ path: key.path, content: key.bytes, mode: '0644' }, { mode: '0755' }, now, result)
        : settled(result),
    (now) => planManagedFile({ path, content: text, mode: mode ?? '0644' }, undefined, now, result),
  );
}

/** The keys that were put there for it go with it. */
function planAbsent({ path, name }: WantedSource, found: Found): Plan<SourceResult> {
  const result = { path };
  const keys = ['asc', 'gpg'].map((end) => `/etc/apt/keyrings/${name}.${end}`);
  found.need(...keys.map((key) => stat(key)));
  return inOrder(
    found,
    result,
    (now) => planNoFile(path, now, result),
    ...keys.map((key) => (now: Found) => planNoFile(key, now, result)),
  );
}

function needHostKey({ hostKey, fingerprints, state }: WantedSource, found: Found): void {
  if (hostKey === undefined || state === 'absent') return;
  const key = found.get(content(hostKey));
  const problem = 'bytes' in key ? keyProblem(key.bytes, fingerprints) : undefined;
  found.require(problem === undefined, { failure: `the key ${hostKey} is refused: ${problem}`, by: null });
  found.require(!('tooLarge' in key), { failure: `the key ${hostKey} is too large` });
  // A package that earlier tasks install may bring it.
  found.require('bytes' in key || found.get(stat(hostKey)).type !== 'absent', {
    failure: `the key ${hostKey} does not exist`,
  });
}

/** What another source says about the same repository, in which case apt reads none of them. */
function atOdds({ name }: WantedSource): { readonly what: string; readonly hint: string } {
  return {
    what: `apt could no longer read its sources with ${name} among them`,
    hint: 'Nothing was changed. Remove the other source of that repository, or let both say the same.',
  };
}

/** Check mode: why apt will not take the source, as far as apt itself knows by now. */
function foreseeSource(
  wanted: WantedSource,
  found: Found,
): Pick<Plan<unknown>, 'failure' | 'hint'> | { readonly may: string } | undefined {
  const { forecast } = found;
  if (forecast === undefined) return undefined;
  const answer = found.get(aptSource(requestFor(wanted, found)));
  if (answer.is === 'fine') return undefined;
  if (answer.is === 'at odds') {
    const { what, hint } = atOdds(wanted);
    const why = forecast.mayAppearBecause;
    return why === undefined
      ? { failure: what, hint: `${answer.said}\n${hint}` }
      : { may: `${what}: ${answer.said} (${why})` };
  }
  const why = whyFetchedThen(
    wanted,
    forecast,
    /Could not (?:connect|resolve)|Temporary failure|timed out/i.test(answer.said),
    found,
  );
  return why === undefined
    ? { failure: `Could not fetch the lists of ${wanted.name}`, hint: answer.said }
    : { may: `its lists cannot be fetched now (${answer.said.split('\n')[0] ?? ''}), but ${why}` };
}

function requestFor({ path, content: text, key, hostKey, updateCache }: WantedSource, found: Found): SourceRequest {
  const planned = found
    .plannedBelow('/etc/apt')
    .filter((one) => one.path !== path && /^\/etc\/apt\/sources\.list(?:\.d\/[^/\s]+)?$/.test(one.path));
  const isKeyPlanned =
    hostKey !== undefined && found.plannedBelow(folderOf(hostKey)).some((one) => one.path === hostKey);
  return {
    path,
    content: text,
    key: key ?? (isKeyPlanned ? bytesOf(hostKey, found) : undefined),
    planned: planned.flatMap((one): SourceRequest['planned'] =>
      one.after.type === 'absent'
        ? [[one.path, null]]
        : bytesOf(one.path, found) === undefined
          ? []
          : [[one.path, bytesOf(one.path, found)?.bytes ?? null]],
    ),
    fetches: updateCache,
  };
}

function bytesOf(path: string, found: Found): { readonly path: string; readonly bytes: Buffer } | undefined {
  const now = found.get(content(path));
  return 'bytes' in now ? { path, bytes: now.bytes } : undefined;
}

/** Why lists that cannot be fetched now may be there by then. */
function whyFetchedThen(
  { uris }: WantedSource,
  { changedBefore, mayAppearBecause }: Forecast,
  isMute: boolean,
  found: Found,
): string | undefined {
  const changesApt = found.plannedBelow('/etc/apt').some(({ path }) => /^\/etc\/apt\/(?:apt|auth)\.conf/.test(path));
  if (changesApt) return changedBefore;
  for (const uri of uris) {
    const [, folder] = /^(?:file|copy):(?:\/\/)?(\/.*)$/.exec(uri) ?? [];
    const why =
      folder === undefined
        ? whyOtherwise(uri, isMute, found)
        : (mayAppearBecause ??
          (found.plannedBelow(folder.replace(/(.)\/+$/, '$1')).length > 0 ? changedBefore : undefined));
    if (why !== undefined) return why;
  }
  return undefined;
}

// Only this repository's lists (apt-get(8), sources.list(5)), and no cache of them alone: the one of all others stays.
// Where they cannot be had the file is put back as it was: else every apt-get update on the host would fail from now
// on, and a second run would find nothing to do. $1 the file, $2 whether there was one before; its content is on stdin.
const updateScript = `apt-get -q -o DPkg::Lock::Timeout=300 -o Dir::Etc::SourceList="$1" -o Dir::Etc::SourceParts=- -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= -o APT::Get::List-Cleanup=0 -o APT::Update::Error-Mode=any update >&2 && exit 0
if [ "$2" = yes ]; then cat >"$1"; else rm -f -- "$1"; fi
echo "its lists cannot be fetched, so the repository was put back as it was" >&2
exit 100`;

function updateStep({ path, name }: WantedSource, found: Found): Step {
  const old = found.get(stat(path)).type === 'absent' ? undefined : found.get(content(path));
  const bytes = old && 'bytes' in old ? old.bytes : undefined;
  return {
    script: updateScript,
    args: [path, bytes ? 'yes' : 'no'],
    stdin: bytes ?? Buffer.alloc(0),
    timeout: 600,
    label: `fetch the lists of ${name}`,
  };
}
