import * as v from 'valibot';
import { PlayError } from '../errors/index.ts';
import { defineResource, type Change, type Known, type Plan } from '../playbook/index.ts';
import { content, downloadHash, downloadStep, self, sha256, stat, type DownloadRequest, type Found, type PathState, type Stat } from '../probes/index.ts';
import { reveal, secretsIn } from '../secrets/index.ts';
import { folderOf } from './file-content.ts';
import { known } from './known.ts';
import { attributeScript, planAttributes, type WantedAttributes } from './ownership.ts';
import { flag, group, mode, owner, path, secretText, text } from './schemas.ts';

export interface GetUrlResult {
  readonly dest: string;
  readonly url: string;
}

interface Wanted extends WantedAttributes {
  readonly dest: string;
  readonly url: string;
  readonly request: DownloadRequest;
  readonly force: boolean;
}

const header = v.pipe(secretText('A value; may be a Secret.'), v.check((value) => typeof value !== 'string' || !/[\r\n]/.test(value), 'must be one line'));

/** A file from the web. */
export const getUrl = defineResource({
  name: 'getUrl',
  summary: 'Downloads a file to the host, with its curl or wget, and puts it in place once it is whole and its checksum is right.',
  options: {
    url: v.pipe(text('Where from: `http://` or `https://`.'), v.regex(/^https?:\/\/[^\s]+$/, 'must be an http:// or https:// address without blanks')),
    dest: path('The file on the host.'),
    checksum: v.optional(v.pipe(v.string(), v.regex(/^sha256:[0-9a-fA-F]{64}$/, 'must be `sha256:` and 64 hexadecimal digits'), v.transform((one) => one.toLowerCase()), v.description('`sha256:` and the digits. With it the file is fetched only where the one that is there is another; without it only where there is none (see `force`).'))),
    force: flag('Without a checksum: fetch it every time, and replace the file where it differs. In check mode it is fetched, too, and thrown away.', false),
    headers: v.optional(v.pipe(v.record(v.pipe(v.string(), v.regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, 'must be a header name')), header), v.description('Request headers. Values may be Secrets.')), {}),
    urlUsername: v.optional(text('Name for basic authentication.')),
    urlPassword: v.optional(secretText('Password for basic authentication. Give a Secret.')),
    timeout: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.description('Seconds until it is given up. Default 600.')), 600),
    validateCerts: flag('Refuse certificates that are not valid.', true),
    mode,
    owner,
    group,
  },
  example: `getUrl({ url: 'https://example.org/tool-1.2.tar.gz', dest: '/opt/tool.tar.gz', mode: '0644',
  checksum: 'sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08' })`,
  refuse: ({ urlUsername, urlPassword, checksum, force }) =>
    (urlUsername === undefined) !== (urlPassword === undefined) ? '`urlUsername` and `urlPassword` go together' : force && checksum !== undefined ? '`force` is for files without a checksum' : undefined,
  title: (options) => options.dest ?? '',
  prepare({ url, dest, checksum, force, headers, urlUsername, urlPassword, timeout, validateCerts, ...attributes }): Wanted {
    const user = urlUsername === undefined ? undefined : { name: urlUsername, password: reveal(urlPassword ?? '') };
    const isSecret = user !== undefined || secretsIn(headers).size > 0;
    const request = { url, sha256: checksum?.slice('sha256:'.length) ?? '', headers: Object.entries(headers).map(([name, value]) => [name, reveal(value)] as const), user, timeout, validateCerts, isSecret };
    return { ...attributes, dest, url, force, request };
  },
  probes: ({ dest, request }) => [stat(dest), stat(folderOf(dest)), self, ...(request.sha256 === '' ? [] : [sha256(dest)])],
  plan: planDownload,
  owns: ({ dest }) => [dest],
});

function planDownload(wanted: Wanted, found: Found): Plan<GetUrlResult> {
  const { dest, url, request } = wanted;
  const result = { dest, url };
  const nothing: Plan<GetUrlResult> = { changes: [], steps: [], after: [], touches: [], result };
  const now = found.get(stat(dest));
  if (now.type === 'directory') return { ...nothing, failure: `${dest} is a directory; give the whole path of the file` };
  const assumed: string[] = [];
  if (found.get(stat(folderOf(dest))).type === 'absent') {
    if (found.clouded === undefined) return { ...nothing, failure: `the directory ${folderOf(dest)} does not exist; make it first: file({ path: '${folderOf(dest)}', state: 'directory' })` };
    assumed.push(`${folderOf(dest)} exists by then (${found.clouded})`);
  }
  const due = whyDue(wanted, now, found);
  const isFile = now.type === 'file';
  const fresh = { type: 'file', mode: '0644', size: 0, ...found.get(self) } as const;
  const attributes = planAttributes(wanted, isFile ? now : fresh);
  if (due === undefined && attributes.changes.length === 0) return nothing;
  if (due === undefined) {
    return { ...nothing, changes: attributes.changes, steps: [{ script: attributeScript, args: [dest, attributes.mode, attributes.chown], label: `set the permissions of ${dest}` }], after: [known(stat(dest), attributes.after)] };
  }
  const told = attributes.changes.map(({ what, from, to }): Change => ({ what, ...(isFile && from !== undefined ? { from } : {}), ...(to === undefined ? {} : { to }) }));
  const chown = isFile && attributes.chown === '' ? `${now.uid}:${now.gid}` : attributes.chown;
  return {
    ...nothing,
    changes: [due.change, ...told],
    steps: [downloadStep({ ...request, sha256: due.sha256 }, { dest, mode: attributes.mode, chown })],
    after: stateAfter(dest, { ...attributes.after, type: 'file' }, due.sha256),
    assumed,
  };
}

interface Due {
  readonly change: Change;
  /** What it must come to; empty where anything will do. */
  readonly sha256: string;
}

function whyDue({ dest, url, request, force }: Wanted, now: Stat, found: Found): Due | undefined {
  if (now.type !== 'file') return { change: { what: 'content', from: now.type, to: `downloaded from ${withoutPassword(url)}` }, sha256: request.sha256 };
  if (request.sha256 !== '') {
    const old = found.get(sha256(dest));
    return old === request.sha256 ? undefined : { change: { what: 'sha256', from: old?.slice(0, 12) ?? '', to: request.sha256.slice(0, 12) }, sha256: request.sha256 };
  }
  if (!force) return undefined;
  found.need(sha256(dest));
  const answer = found.get(downloadHash(request));
  if ('error' in answer) throw new PlayError(`${withoutPassword(url)} cannot be fetched: ${answer.error}`);
  const old = found.get(sha256(dest));
  return old === answer.sha256 ? undefined : { change: { what: 'sha256', from: old?.slice(0, 12) ?? '', to: answer.sha256.slice(0, 12) }, sha256: answer.sha256 };
}

function stateAfter(dest: string, after: PathState, hash: string): Known[] {
  const why = `${dest} is not downloaded yet`;
  return [
    known(stat(dest), after),
    hash === '' ? { question: sha256(dest), answer: null, unknown: why } : known(sha256(dest), hash),
    { question: content(dest), answer: null, unknown: why },
  ];
}

function withoutPassword(url: string): string {
  return url.replace(/^(https?:\/\/)[^/@]*@/, '$1');
}
