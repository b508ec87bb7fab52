import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as v from 'valibot';
import { PlayError, startFailure } from '../../errors/index.ts';
import { nearestCfg } from '../../inventory/index.ts';
import {
  applyFilter,
  hasFilter,
  hasLookup,
  JinjaError,
  lookUp,
  plainValue,
  type CallArguments,
  type Variables,
} from '../../jinja/index.ts';
import { exposeSecrets, isVaultText, Secret, secretsIn, sourcesOf } from '../../secrets/index.ts';
import { ansiblePython } from './ansible-python.ts';
import { pluginPy } from './plugin-py.ts';

/** Further arguments of an Ansible filter or lookup. */
export interface AnsiblePluginSettings {
  /** Positional arguments, after the value. Default: none. */
  readonly args?: readonly unknown[];
  /** Named arguments. Default: none. */
  readonly named?: Readonly<Record<string, unknown>>;
  /**
   * The folder it is used from: the `filter_plugins/` and `lookup_plugins/` there, and the ansible.cfg above it, apply
   * as they do in Ansible. Default: the folder play was started in.
   */
  readonly folder?: string;
}

type PluginKind = 'filter' | 'lookup';

interface Call {
  readonly kind: PluginKind;
  readonly name: string;
  readonly input: unknown;
  readonly settings: AnsiblePluginSettings;
}

/** Answers of this process: what is worked out for each host is asked once. */
const known = new Map<string, unknown>();

const answerSchema = v.union([
  v.object({ problem: v.picklist(['import', 'missing', 'failed']), detail: v.optional(v.string(), '') }),
  v.object({ value: v.unknown() }),
]);

/**
 * Applies a filter of Jinja or Ansible. Filters that play supports in variables are evaluated by play itself; any other
 * by the Ansible installed on this machine, which takes about half a second for each value. Text made from a Secret is
 * secret.
 *
 * @typeParam T the type of the result, which is not checked
 * @throws PlayError for a filter that neither of them has, and for input that the filter rejects
 * @example ansibleFilter('to_nice_yaml', settings, { named: { indent: 2 } })
 * @example ansibleFilter<string[]>('ansible.utils.ipaddr', addresses, { args: ['public'] })
 */
// Who calls it says what it is, as for ansibleModule.
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters
export function ansibleFilter<T = unknown>(name: string, input: unknown, settings: AnsiblePluginSettings = {}): T {
  if (!hasFilter(name)) return byAnsible({ kind: 'filter', name, input, settings }) as T;
  return bySelf(`The filter ${name}`, () => applyFilter(name, input, settings.args ?? [], settings.named ?? {})) as T;
}

/**
 * Does an Ansible lookup; the result is always a list, as with `query`. Lookups that play supports in variables are
 * done by play itself (except `template`, `vars` and `varnames`); any other by the Ansible installed on this machine.
 * Files are searched for in the given folder, and in the two above it.
 *
 * @typeParam T the type of each answer, which is not checked
 * @throws PlayError for an unknown lookup, and for terms that the lookup rejects
 * @example ansibleLookup('community.general.passwordstore', ['site/db'])[0]
 */
// Who calls it says what it is, as for ansibleModule.
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters
export function ansibleLookup<T = unknown>(
  name: string,
  terms: readonly unknown[],
  settings: AnsiblePluginSettings = {},
): readonly T[] {
  if (readsVariables.has(name) || !hasLookup(name))
    return byAnsible({ kind: 'lookup', name, input: null, settings: { ...settings, args: terms } }) as readonly T[];
  const folder = settings.folder ?? process.cwd();
  const named = new Map(Object.entries({ ...settings.named, wantlist: true })) as CallArguments['named'];
  const found = bySelf(`The lookup ${name}`, () =>
    lookUp(name, { positional: terms as CallArguments['positional'], named }, nothing, {
      folders: [folder, dirname(folder), dirname(dirname(folder))],
      open: (bytes, file) => ({ bytes: inTheClear(bytes, file), isSecret: false }),
      names: () => [],
      runs: true,
    }),
  );
  return plainValue(found) as readonly T[];
}

const readsVariables = new Set(['template', 'vars', 'varnames']);

const nothing: Variables = { variable: () => undefined, written: () => undefined, lookup: () => null };

function inTheClear(bytes: Buffer, file: string): Buffer {
  if (!isVaultText(bytes.toString('latin1'))) return bytes;
  throw new PlayError(`ansibleLookup: ${file} is encrypted`, {
    hint: 'Keep what is in it in an encrypted file of group_vars, or read it with secretFromFile.',
  });
}

function bySelf<T>(what: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (!(cause instanceof JinjaError)) throw cause;
    throw new PlayError(`${what}: ${cause.message}`, { hint: cause.hint ?? 'Check what it is given.' });
  }
}

function byAnsible(call: Call): unknown {
  const { kind, name, settings } = call;
  const folder = settings.folder ?? process.cwd();
  const request = exposeSecrets({
    kind,
    name,
    input: call.input ?? null,
    args: settings.args ?? [],
    named: settings.named ?? {},
    basedir: folder,
    folders: pluginFolders(kind, folder),
  });
  const key = JSON.stringify(request);
  if (!known.has(key)) known.set(key, ask(call, key, folder));
  const value = known.get(key);
  const secrets = [...secretsIn([call.input, settings.args, settings.named])];
  return secrets.length === 0 ? value : hidden(value, (text) => new Secret(text, sourcesOf(secrets), secrets));
}

/** The same with its texts secret. */
function hidden(value: unknown, hide: (text: string) => Secret): unknown {
  if (typeof value === 'string') return hide(value);
  if (Array.isArray(value)) return value.map((one) => hidden(one, hide));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, hidden(one, hide)]));
}

function pluginFolders(kind: PluginKind, folder: string): string[] {
  const cfg = nearestCfg(folder);
  return [folder, ...(cfg === undefined ? [] : [dirname(cfg)])]
    .map((one) => join(one, `${kind}_plugins`))
    .filter((one, i, all) => existsSync(one) && all.indexOf(one) === i);
}

function ask({ kind, name }: Call, request: string, folder: string): unknown {
  const by = kind === 'filter' ? 'ansibleFilter' : 'ansibleLookup';
  const { program, python } = ansiblePython(by, `the ${kind} ${name}`);
  const [command = '', ...args] = python;
  const cfg = nearestCfg(folder);
  const came = spawnSync(command, [...args, '-c', pluginPy], {
    input: request,
    cwd: cfg === undefined ? folder : dirname(cfg),
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' },
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
  });
  const { stdout, stderr } = came;
  const answer = v.safeParse(v.pipe(v.string(), v.parseJson(), answerSchema), stdout ?? '');
  if (!answer.success)
    throw new PlayError(`${by}: Ansible gave no answer for the ${kind} ${name}`, {
      hint: `${program} runs on ${python.join(' ')}, which was asked. Does \`${program} --version\` work?`,
      detail: (startFailure(came)?.message ?? stderr).trimEnd().split('\n').slice(-12).join('\n'),
    });
  if ('value' in answer.output) return answer.output.value;
  throw refusal(by, `the ${kind} ${name}`, answer.output, program);
}

function refusal(
  by: string,
  what: string,
  { problem, detail }: { readonly problem: 'import' | 'missing' | 'failed'; readonly detail: string },
  program: string,
): PlayError {
  switch (problem) {
    case 'import':
      return new PlayError(`${by}: the Python that runs ${program} has no usable ansible-core`, {
        hint: 'Tested with ansible-core 2.14. Is Ansible 2.9 or older installed, or was that Python replaced?',
        detail,
      });
    case 'missing':
      return new PlayError(`${by}: neither play nor the Ansible on this machine has ${what}`, {
        hint: 'Install its collection (ansible-galaxy collection install ...), or write what it does in TypeScript.',
      });
    case 'failed':
      return new PlayError(`${by}: ${what} refuses its input: ${detail}`, {
        hint: 'Its documentation says what it takes: ansible-doc -t filter, or -t lookup.',
      });
  }
}
