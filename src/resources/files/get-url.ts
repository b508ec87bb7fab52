import * as v from 'valibot';
import {
  predict,
  settled,
  type Change,
  type Found,
  type Prediction,
  type PathState,
  type Plan,
  type Stat,
} from '../../contract/index.ts';
import { PlayError } from '../../errors/index.ts';
import { visibleUrl } from '../../formats/url-text.ts';
import { defineResource } from '../../playbook/index.ts';
import { content, linkTarget, self, sha256, stat } from '../../probes/index.ts';
import { reveal, secretsIn } from '../../secrets/index.ts';
import { fileDefaults } from '../kit/defaults.ts';
import { asMade } from '../kit/file-content.ts';
import { behindLinks, folderOf, presumeFolder } from '../kit/folder.ts';
import { requireNoObstacle, toldInPlace, whyInPlace } from '../kit/obstacle.ts';
import { knownAfter, planAttributes, planAttributesAt, stepsOf, type WantedAttributes } from '../kit/ownership.ts';
import { replaced } from '../kit/predictions.ts';
import { destination, flag, follow, group, mode, owner, secretText, text } from '../kit/schemas.ts';
import { listedDigest, listRequest } from './checksum-list.ts';
import { parseChecksum, type Checksum } from './checksum.ts';
import { digestOf, type Digest } from './digest.probe.ts';
import { foreseeDownload, type Foreseen } from './download-ahead.ts';
import {
  downloadHash,
  downloadStep,
  downloadText,
  type DownloadAnswer,
  type DownloadRequest,
} from './download.probe.ts';

export interface GetUrlResult {
  /** The path of the file itself, even if the option `dest` names a directory. */
  readonly dest: string;
  /** The URL, as given in the task. */
  readonly url: string;
}

interface Wanted extends WantedAttributes {
  readonly dest: string;
  /** Its name, where `dest` may be a directory. */
  readonly name: string | undefined;
  readonly url: string;
  readonly request: DownloadRequest;
  readonly checksum: Checksum | undefined;
  readonly force: boolean;
}

const header = v.pipe(
  secretText('A value; may be a Secret.'),
  v.check((value) => typeof value !== 'string' || !/[\r\n]/.test(value), 'must be one line'),
);

/** A file from the web. */
export const getUrl = defineResource({
  name: 'getUrl',
  summary:
    'Downloads a file to the host, with its curl or wget, and puts it in place once it is complete and its checksum is right. Check mode downloads it too, and discards it, so that a missing file or a wrong checksum is found in advance.',
  options: {
    url: v.pipe(
      text('The URL: `http://` or `https://`.'),
      v.regex(/^https?:\/\/[^\s]+$/, 'must be an http:// or https:// address without blanks'),
    ),
    dest: destination(
      'The file on the host; if this is a directory or ends in a slash: in that directory, under the last part of `url`.',
    ),
    follow,
    checksum: v.optional(
      v.pipe(
        v.string(),
        v.description(
          '`sha256:` and the digits; also md5, sha1, sha224, sha384 and sha512; or the URL of a list as written by sha256sum(1), in which the last part of `url` is looked up in every run: `sha256:https://example.org/SHA256SUMS`. With a checksum the file is downloaded only if the existing one differs; without one, only if there is none (see `force`).',
        ),
      ),
    ),
    force: flag('Without a checksum: download it every time, and replace the file if it differs.', false),
    headers: v.optional(
      v.pipe(
        v.record(v.pipe(v.string(), v.regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, 'must be a header name')), header),
        v.description('Request headers. Values may be Secrets.'),
      ),
      {},
    ),
    urlUsername: v.optional(text('User name for basic authentication.')),
    urlPassword: v.optional(secretText('Password for basic authentication. Use a Secret.')),
    timeout: v.optional(
      v.pipe(v.number(), v.integer(), v.minValue(1), v.description('Timeout in seconds. Default 600.')),
      600,
    ),
    validateCerts: flag('Refuse invalid certificates.', true),
    mode,
    owner,
    group,
  },
  example: `getUrl({ url: 'https://example.org/tool-1.2.tar.gz', dest: '/opt/tool.tar.gz', mode: '0644',
  checksum: 'sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08' })`,
  validateOptions: ({ urlUsername, urlPassword, checksum, force }) => {
    const parsed = checksum === undefined ? undefined : parseChecksum(checksum);
    if (typeof parsed === 'string') return `\`checksum\` ${parsed}`;
    return (urlUsername === undefined) !== (urlPassword === undefined)
      ? '`urlUsername` and `urlPassword` go together'
      : force && checksum !== undefined
        ? '`force` is for files without a checksum'
        : undefined;
  },
  defaults: fileDefaults,
  title: (options) => options.dest ?? '',
  prepare({
    url,
    dest,
    checksum,
    force,
    headers,
    urlUsername,
    urlPassword,
    timeout,
    validateCerts,
    ...attributes
  }): Wanted {
    const user = urlUsername === undefined ? undefined : { name: urlUsername, password: reveal(urlPassword ?? '') };
    const isSecret = user !== undefined || secretsIn(headers).size > 0;
    const wantedChecksum = checksum === undefined ? undefined : parseChecksum(checksum);
    if (typeof wantedChecksum === 'string') throw new Error(wantedChecksum);
    const digest = wantedChecksum && 'hex' in wantedChecksum ? wantedChecksum : undefined;
    const request = {
      url,
      digest,
      headers: Object.entries(headers).map(([name, value]) => [name, reveal(value)] as const),
      user,
      timeout,
      validateCerts,
      isSecret,
    };
    return {
      ...attributes,
      ...placeOf(dest, new URL(url).pathname.split('/').at(-1) || 'index.html'),
      url,
      force,
      request,
      checksum: wantedChecksum,
    };
  },
  probes: ({ dest, request, checksum }) => [
    stat(dest),
    stat(folderOf(dest)),
    self,
    ...(checksum === undefined ? [] : [digestOf(dest, checksum.algorithm)]),
    ...(checksum !== undefined && 'url' in checksum ? [downloadText(listRequest(request, checksum.url))] : []),
  ],
  plan: planDownload,
  owns: ({ dest }) => [{ on: 'path', path: dest }],
});

function placeOf(dest: string, name: string): { readonly dest: string; readonly name: string | undefined } {
  return dest.endsWith('/') ? { dest: `${dest}${name}`, name: undefined } : { dest, name };
}

function planDownload({ name, ...wanted }: Wanted, found: Found): Plan<GetUrlResult> {
  const isFolder = name !== undefined && behindLinks(wanted.dest, found).type === 'directory';
  return planFileOf(
    { ...wanted, name: undefined, dest: isFolder ? `${wanted.dest === '/' ? '' : wanted.dest}/${name}` : wanted.dest },
    found,
  );
}

function planFileOf(wanted: Wanted, found: Found): Plan<GetUrlResult> {
  const { dest, url, request } = wanted;
  const nothing = settled({ dest, url });
  const now = found.get(stat(dest));
  found.require(now.type !== 'directory', {
    failure: `${dest} is a directory`,
    hint: 'Give the whole path of the file.',
    by: null,
  });
  if (now.type === 'absent') presumeFolder(folderOf(dest), found);
  const due = whyDue(wanted, now, found);
  const isFile = now.type === 'file';
  const attributes = isFile
    ? planAttributesAt(dest, wanted, now, found)
    : planAttributes(wanted, asMade(behindLinks(folderOf(dest), found), found), found);
  if (due === undefined) {
    if (!isFile || attributes.changes.length === 0) return nothing;
    requireNoObstacle(dest, 'change', found);
    return {
      ...nothing,
      changes: attributes.changes,
      steps: stepsOf(dest, attributes),
      ...knownAfter(dest, now, attributes, found),
    };
  }
  const inPlace = whyInPlace(dest, now, found);
  const told = attributes.changes.map(({ what, from, to }): Change => ({
    what,
    ...(isFile && from !== undefined ? { from } : {}),
    ...(to === undefined ? {} : { to }),
  }));
  const chown = isFile && attributes.chown === '' ? `${now.uid}:${now.gid}` : attributes.chown;
  const asked = { ...request, digest: due.digest };
  const foreseen = foreseeDownload(asked, found);
  const changes = [due.change, ...told, ...toldInPlace(inPlace)];
  const after: PathState = { ...attributes.after, type: 'file' };
  if (foreseen && 'failure' in foreseen)
    return {
      ...nothing,
      changes,
      tried: stateAfter(dest, after, due.digest, undefined),
      failure: `Could not download ${dest}`,
      hint: `${visibleUrl(url)}: ${foreseen.failure}`,
    };
  return {
    ...nothing,
    changes,
    steps: [
      downloadStep(asked, {
        dest,
        mode: attributes.mode,
        chown,
        how: inPlace !== undefined ? 'place' : isFile ? 'keep' : 'new',
      }),
      ...(attributes.aclStep ? [attributes.aclStep(dest)] : []),
    ],
    after: [...attributes.aclAfter, ...stateAfter(dest, after, due.digest, foreseen)],
    ...(foreseen && 'may' in foreseen ? { may: foreseen.may } : {}),
  };
}

interface Due {
  readonly change: Change;
  /** What it must come to; undefined where anything will do. */
  readonly digest: Digest | undefined;
}

function whyDue(wanted: Wanted, now: Stat, found: Found): Due | undefined {
  const { dest, url, request, force, checksum } = wanted;
  const digest =
    checksum === undefined
      ? undefined
      : 'hex' in checksum
        ? checksum
        : listedDigest(request, checksum.url, checksum.algorithm, found);
  if (now.type !== 'file')
    return { change: { what: 'content', from: now.type, to: `downloaded from ${visibleUrl(url)}` }, digest };
  if (digest !== undefined) return dueTo(digest, found.get(digestOf(dest, digest.algorithm)));
  if (!force) return undefined;
  found.need(sha256(dest));
  const foreseen = foreseeDownload(request, found) ?? fetched(found.get(downloadHash(request)));
  if ('failure' in foreseen) throw new PlayError(`${visibleUrl(url)} cannot be fetched: ${foreseen.failure}`);
  if ('may' in foreseen)
    return { change: { what: 'content', from: now.type, to: `downloaded from ${visibleUrl(url)}` }, digest: undefined };
  return dueTo({ algorithm: 'sha256', hex: foreseen.came.sha256 }, found.get(sha256(dest)));
}

function fetched(answer: DownloadAnswer): Foreseen {
  return 'error' in answer ? { failure: answer.error } : { came: answer, assumed: undefined };
}

function dueTo(digest: Digest, old: string | null): Due | undefined {
  return old === digest.hex
    ? undefined
    : { change: { what: digest.algorithm, from: old?.slice(0, 12) ?? '', to: digest.hex.slice(0, 12) }, digest };
}

function stateAfter(
  dest: string,
  after: PathState,
  digest: Digest | undefined,
  foreseen: Foreseen | undefined,
): Prediction[] {
  const asked = digest === undefined ? [] : [predict(digestOf(dest, digest.algorithm), digest.hex)];
  if (foreseen && 'came' in foreseen) {
    const { came, assumed } = foreseen;
    return [
      predict(stat(dest), { ...replaced(after), size: came.size }),
      ...asked,
      predict(sha256(dest), came.sha256, assumed),
      predict(content(dest), came.content, assumed),
      predict(linkTarget(dest), null),
    ];
  }
  const why = `${dest} is not downloaded yet`;
  return [
    { question: stat(dest), answer: after, unknown: why },
    ...asked,
    ...(digest?.algorithm === 'sha256' ? [] : [{ question: sha256(dest), answer: null, unknown: why }]),
    { question: content(dest), answer: null, unknown: why },
  ];
}
