import { createHash } from 'node:crypto';
import { isIPv4, isIPv6 } from 'node:net';
import { PlayError, Secret, v } from 'play';
import { targetPlace } from './target-place.ts';

/** ADDRESS:PORT, IPv6 in brackets. */
const address = v.pipe(
  v.string(),
  v.check((value) => {
    const [, host = '', port = ''] = /^(\[[^\]]+\]|[^:]+):(\d{1,5})$/.exec(value) ?? [];
    const isAddress = host.startsWith('[') ? isIPv6(host.slice(1, -1)) : isIPv4(host);
    return isAddress && Number(port) > 0 && Number(port) <= 65_535;
  }, 'must be ADDRESS:PORT, IPv6 in brackets'),
);
const fingerprint = v.pipe(v.string(), v.regex(/^[0-9A-F]{40}$/, 'must be a fingerprint: 40 capital hex digits'));

const authority = v.strictObject({
  protocol: v.picklist(['dir_port', 'or_port_dirauth']),
  name: v.pipe(v.string(), v.regex(/^[\w-]+$/, 'must be a nickname')),
  address,
  fingerprint,
});

const bridge = v.strictObject({
  protocol: v.literal('obfs4'),
  address,
  fingerprint,
  params: v.strictObject({
    // 20 bytes of node id and 32 of public key, base64 without its last "=": obfs4's own form.
    'cert': v.strictTuple([
      v.pipe(v.string(), v.regex(/^[A-Za-z0-9+/]{70}$/, "must be obfs4's cert: 70 characters of base64")),
    ]),
    'iat-mode': v.strictTuple([v.picklist(['0', '1', '2'])]),
  }),
  /** Not to be shown in diffs and logs: a bridge that is not in public lists. */
  secret: v.optional(v.boolean(), false),
});

const target = v.variant('protocol', [authority, bridge]);
export type TorTarget = v.InferOutput<typeof target>;
/** As written in tor-targets.ts. */
export type TorTargetInput = v.InferInput<typeof target>;

/**
 * A target as the template writes it: what may be secret is a value of its own, so that nothing else is hidden with it.
 */
export interface WrittenTarget {
  readonly id: string;
  readonly address: string | Secret;
  readonly fingerprint: string | Secret;
  readonly name: string | null;
  readonly params: { readonly cert: string | Secret; readonly iat_mode: string } | null;
  readonly protocol: string;
}

/**
 * The targets as probes read them, sorted by id. An authority's id is its address; a bridge's is a hash of address and
 * fingerprint, so that it changes with either.
 *
 * @throws PlayError for a target that is wrong, or is there twice
 */
export function torTargetsById(given: readonly unknown[]): WrittenTarget[] {
  const byId = new Map<string, WrittenTarget>();
  for (const [i, one] of given.entries()) {
    const parsed = v.safeParse(target, one);
    if (!parsed.success) {
      const [issue] = parsed.issues;
      throw new PlayError(
        `tor-targets.ts: target ${i + 1} is wrong at ${v.getDotPath(issue) ?? 'its top'}: ${issue.message}`,
        placed(one, issue.input),
      );
    }
    const id = idOf(parsed.output);
    if (byId.has(id))
      throw new PlayError(`tor-targets.ts: target ${i + 1} is there twice`, {
        ...placed(one),
        hint: 'Take one of the two away.',
      });
    byId.set(id, { id, ...entryOf(parsed.output) });
  }
  return [...byId.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** The place alone: the lines around it may be those of secret bridges. */
function placed(
  one: unknown,
  wrong?: unknown,
): { where?: NonNullable<ReturnType<typeof targetPlace>>; detail: string } {
  const where = targetPlace(one, wrong);
  return { ...(where ? { where } : {}), detail: '' };
}

function idOf({ protocol, address: at, fingerprint: print }: TorTarget): string {
  return protocol === 'obfs4'
    ? createHash('sha256')
        .update(at + print)
        .digest('hex')
    : at;
}

function entryOf(one: TorTarget): Omit<WrittenTarget, 'id'> {
  const { protocol } = one;
  if (protocol !== 'obfs4')
    return { address: one.address, fingerprint: one.fingerprint, name: one.name, params: null, protocol };
  const hide = (text: string): string | Secret => (one.secret ? new Secret(text, 'a bridge of tor-targets.ts') : text);
  const {
    'cert': [cert],
    'iat-mode': [mode],
  } = one.params;
  return {
    address: hide(one.address),
    fingerprint: hide(one.fingerprint),
    name: null,
    params: { cert: hide(cert), iat_mode: mode },
    protocol,
  };
}

const written = v.record(
  v.string(),
  v.looseObject({
    protocol: v.string(),
    address: v.string(),
    fingerprint: v.string(),
    params: v.optional(v.looseObject({ cert: v.array(v.string()) })),
  }),
);

/**
 * What a diff must not show of the file as it is: bridges that are taken off the list or moved. Whether they were
 * secret is no longer known here, so none is shown. Empty text: there was no file.
 */
export function bridgesGone(text: string, wanted: readonly WrittenTarget[]): Secret[] {
  if (text === '') return [];
  const hidden = (value: string): Secret => new Secret(value, 'a bridge that was in tor_targets.json');
  const old = v.safeParse(v.pipe(v.string(), v.parseJson(), written), text);
  if (!old.success)
    return text
      .split('\n')
      .filter((line) => line.trim() !== '')
      .map(hidden);
  const ids = new Set(wanted.map(({ id }) => id));
  const gone = Object.entries(old.output)
    .filter(([id, { protocol }]) => protocol === 'obfs4' && !ids.has(id))
    .map(([, one]) => one);
  // What stays in the list in the open is not hidden with what goes.
  const open = new Set(
    wanted
      .flatMap(({ address: at, fingerprint: print, params }) => [at, print, ...(params ? [params.cert] : [])])
      .filter((one) => typeof one === 'string'),
  );
  return gone
    .flatMap(({ address: at, fingerprint: print, params }) => [at, print, ...(params?.cert ?? [])])
    .filter((value) => !open.has(value))
    .map(hidden);
}
