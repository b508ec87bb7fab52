import { createHash } from 'node:crypto';
import { isIPv4, isIPv6 } from 'node:net';
import { PlayError, Secret, v } from 'play';

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
    cert: v.pipe(v.array(v.pipe(v.string(), v.regex(/^[A-Za-z0-9+/]{70}$/, "must be obfs4's cert: 70 characters of base64"))), v.length(1)),
    'iat-mode': v.pipe(v.array(v.picklist(['0', '1', '2'])), v.length(1)),
  }),
  /** Not to be shown in diffs and logs: a bridge that is not in public lists. */
  secret: v.optional(v.boolean(), false),
});

const target = v.variant('protocol', [authority, bridge]);
export type TorTarget = v.InferOutput<typeof target>;
/** As written in tor-targets.ts. */
export type TorTargetInput = v.InferInput<typeof target>;

type Json = string | Secret | readonly Json[] | { readonly [name: string]: Json };

/**
 * The targets as probes read them: an object by id. An authority's id is its address; a bridge's is a hash of address and
 * fingerprint, so that it changes with either.
 *
 * @throws PlayError for a target that is wrong, or is there twice
 */
export function torTargetsById(given: readonly unknown[]): Readonly<Record<string, Json>> {
  const byId: Record<string, Json> = {};
  for (const [i, one] of given.entries()) {
    const parsed = v.safeParse(target, one);
    if (!parsed.success) {
      const [issue] = parsed.issues;
      throw new PlayError(`tor-targets.ts: target ${i + 1} is wrong at ${v.getDotPath(issue) ?? 'its top'}: ${issue.message}`);
    }
    const id = idOf(parsed.output);
    if (id in byId) throw new PlayError(`tor-targets.ts: target ${i + 1} (${parsed.output.address}) is there twice`, { hint: 'Take one of the two away.' });
    byId[id] = entryOf(parsed.output);
  }
  return byId;
}

function idOf({ protocol, address: at, fingerprint: print }: TorTarget): string {
  return protocol === 'obfs4' ? createHash('sha256').update(at + print).digest('hex') : at;
}

function entryOf(one: TorTarget): Json {
  if (one.protocol !== 'obfs4') return { address: one.address, fingerprint: one.fingerprint, name: one.name, protocol: one.protocol };
  const hide = (text: string): string | Secret => (one.secret ? new Secret(text, 'a bridge of tor-targets.ts') : text);
  const { cert, 'iat-mode': iatMode } = one.params;
  return { address: hide(one.address), fingerprint: hide(one.fingerprint), params: { cert: cert.map(hide), 'iat-mode': iatMode }, protocol: one.protocol };
}
