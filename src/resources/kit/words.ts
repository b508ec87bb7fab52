import { isIP } from 'node:net';
import * as v from 'valibot';
import { Secret } from '../../secrets/index.ts';

/*
 * Short words for the schemas of variables and options. Each takes its description, which errors and reference pages
 * show, then its default, without which it must be given, then valibot's checks. One that may be left out and has no
 * default is `v.optional(option.text('...'))`.
 */

/** A check of a value, besides its type: `v.minValue(1)`, `v.regex(/^\d+s$/, 'must be a number and s')`. */
export type Check<T> = v.BaseValidation<T, T, v.BaseIssue<unknown>>;

/** The schema of one kind of value: called with its description, its default if it has one, and checks. */
export interface Word<I, O = I> {
  (description: string, ...checks: readonly Check<O>[]): v.GenericSchema<I, O>;
  (description: string, standard: I, ...checks: readonly Check<O>[]): v.OptionalSchema<v.GenericSchema<I, O>, I>;
}

const isCheck = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'validation' && '~run' in value;

/** @param rest the default, if there is one, then checks */
function described<I, O>(type: v.GenericSchema<I, O>, description: string, rest: readonly unknown[]): v.GenericSchema {
  const hasDefault = rest.length > 0 && !isCheck(rest[0]);
  const checks = (hasDefault ? rest.slice(1) : rest) as Check<O>[];
  const checked = checks.reduce<v.GenericSchema<I, O>>((one, check) => v.pipe(one, check), type);
  const whole = v.pipe(checked, v.description<O, string>(description));
  return hasDefault ? v.optional(whole, rest[0] as I) : whole;
}

function wordOf<I, O = I>(type: v.GenericSchema<I, O>): Word<I, O> {
  const word = (description: string, ...rest: readonly unknown[]) => described(type, description, rest);
  return word as Word<I, O>;
}

/**
 * Text.
 *
 * @example node_exporter_listen: option.text('Where it listens.', ':9100')
 * @example interval: option.text('How often.', '30s', v.regex(/^\d+[sm]$/, 'must be a number and s or m'))
 */
export const text: Word<string> = wordOf(v.string());

/**
 * A whole number.
 *
 * @example sshd_max_sessions: option.integer('Sessions a connection may have.', 20, v.minValue(1))
 */
export const integer: Word<number> = wordOf(v.pipe(v.number(), v.integer()));

const portMessage = 'must be a port, 1 to 65535';
/** A TCP or UDP port, 1 to 65535. @example logs_to_port: option.port('Its port.', 6514) */
export const port: Word<number> = wordOf(
  v.pipe(v.number(), v.integer(portMessage), v.minValue(1, portMessage), v.maxValue(65_535, portMessage)),
);

/** True or false. @example force: option.flag('Replace what is there.', false) */
export const flag: Word<boolean> = wordOf(v.boolean());

/** An IPv4 or IPv6 address. */
export const address: Word<string> = wordOf(
  v.pipe(
    v.string(),
    v.check((value) => isIP(value) !== 0, 'must be an address'),
  ),
);

/** A host name according to RFC 1123, in lower case. */
export const hostName: Word<string> = wordOf(
  v.pipe(v.string(), v.regex(/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/, 'must be a host name in lower-case letters')),
);

/** A URL. */
export const url: Word<string> = wordOf(v.pipe(v.string(), v.url('must be a URL')));

/** A secret: a value from a vault file, or one of `secretFromEnv` and the like. */
export const secret: Word<Secret> = wordOf(
  v.instance(Secret, 'must be a secret: put it into a vault file, or give it with -e @FILE'),
);

/** An address, or a network as ADDRESS/BITS. */
export const network: Word<string> = wordOf(
  v.pipe(
    v.string(),
    v.check((value) => {
      const [one = '', bits, ...more] = value.split('/');
      const most = isIP(one) === 4 ? 32 : 128;
      return isIP(one) !== 0 && more.length === 0 && (bits === undefined || (/^\d{1,3}$/.test(bits) && +bits <= most));
    }, 'must be an address or a network, such as 192.0.2.7 or 2001:db8::/32'),
  ),
);

/** One of several texts. @example state: option.choice('Whether it should exist.', ['present', 'absent'], 'present') */
export function choice<const T extends string>(description: string, texts: readonly T[]): v.GenericSchema<T>;
export function choice<const T extends string>(
  description: string,
  texts: readonly T[],
  standard: NoInfer<T>,
): v.OptionalSchema<v.GenericSchema<T>, T>;
export function choice(description: string, texts: readonly string[], ...rest: readonly unknown[]): v.GenericSchema {
  return described(v.picklist(texts), description, rest);
}

/**
 * A list.
 *
 * @param of the schema of its items
 * @example base_packages: option.list('Tools every host has.', v.string(), ['curl', 'less'])
 */
export function list<I, O>(
  description: string,
  of: v.GenericSchema<I, O>,
  ...checks: readonly Check<O[]>[]
): v.GenericSchema<I[], O[]>;
export function list<I, O>(
  description: string,
  of: v.GenericSchema<I, O>,
  standard: I[],
  ...checks: readonly Check<O[]>[]
): v.OptionalSchema<v.GenericSchema<I[], O[]>, I[]>;
export function list(description: string, of: v.GenericSchema, ...rest: readonly unknown[]): v.GenericSchema {
  return described(v.array(of), description, rest);
}

/**
 * Values by name.
 *
 * @param of the schema of the values
 * @example docker_settings: option.record('Settings, as in daemon.json.', v.unknown(), { 'log-driver': 'journald' })
 */
export function record<I, O>(
  description: string,
  of: v.GenericSchema<I, O>,
  ...checks: readonly Check<Record<string, O>>[]
): v.GenericSchema<Record<string, I>, Record<string, O>>;
export function record<I, O>(
  description: string,
  of: v.GenericSchema<I, O>,
  standard: Record<string, I>,
  ...checks: readonly Check<Record<string, O>>[]
): v.OptionalSchema<v.GenericSchema<Record<string, I>, Record<string, O>>, Record<string, I>>;
export function record(description: string, of: v.GenericSchema, ...rest: readonly unknown[]): v.GenericSchema {
  return described(v.record(v.string(), of), description, rest);
}

/**
 * An object whose keys are all known. @example user: option.object('Who it is.', { name: option.text('Login name.') })
 */
export const object = <const E extends v.ObjectEntries>(description: string, entries: E) =>
  v.pipe(v.strictObject(entries), v.description(description));
