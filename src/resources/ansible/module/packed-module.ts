import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import * as v from 'valibot';
import { PlayError, startFailure } from '../../../errors/index.ts';
import { nearestCfg, readKept, writeKept } from '../../../inventory/index.ts';
import { jsonOf } from '../../../values/index.ts';
import { ansiblePython, type AnsibleInstall } from '../ansible-python.ts';
import { packPy } from './pack-py.ts';

const packedSchema = v.object({
  /** In full: `ansible.builtin.file`. */
  name: v.string(),
  /** Of ansible-core. */
  version: v.string(),
  /** A program for Python, with `mark` where its arguments belong. */
  payload: v.string(),
  /** The files it was made of. */
  sources: v.array(v.string()),
  /** Whether the module says anything of check mode. */
  hasCheckMode: v.boolean(),
});

/** A module as Ansible sends it to hosts, without its arguments. */
export type PackedModule = Readonly<v.InferOutput<typeof packedSchema>>;

const problemSchema = v.variant('problem', [
  v.object({ problem: v.literal('import'), detail: v.string() }),
  v.object({ problem: v.literal('action'), name: v.string() }),
  v.object({ problem: v.literal('missing'), name: v.string(), version: v.string(), roots: v.array(v.string()) }),
  v.object({ problem: v.literal('style'), name: v.string(), style: v.string(), path: v.string() }),
  v.object({ problem: v.literal('packing'), version: v.string(), detail: v.string() }),
]);
const keptSchema = v.object({ packed: packedSchema, stamps: v.array(v.string()) });

/** Stands in a payload for the arguments, as a Python literal. */
const mark = '@@PLAY_ARGUMENTS@@';

/** By key: each process asks once for a module. */
const known = new Map<string, PackedModule>();

/**
 * Has the user's own Ansible pack a module. Payloads are kept between runs, for as long as Ansible, its configuration and
 * the files they were made of stay as they are.
 *
 * @param folder where the task is written: its `library/`, and the ansible.cfg above it, count as they do for Ansible
 * @throws PlayError without Ansible, for a module that is not installed, and for one that works on the controller
 */
export function packModule(module: string, folder: string): PackedModule {
  const install = ansiblePython('ansibleModule', `the module ${module}`);
  const cfg = nearestCfg(folder);
  const folders = [join(folder, 'library'), ...(cfg === undefined ? [] : [join(dirname(cfg), 'library')])].filter(
    (one, i, all) => existsSync(one) && all.indexOf(one) === i,
  );
  const key = keyOf(module, install, cfg, folders);
  const packed = known.get(key) ?? readPacked(key) ?? pack({ module, install, cfg, folders, key });
  known.set(key, packed);
  return packed;
}

/** The payload as it is to be run. `args` goes to the host on stdin only. */
export function payloadWith({ payload }: PackedModule, args: Readonly<Record<string, unknown>>): string {
  const json = ascii(jsonOf({ ANSIBLE_MODULE_ARGS: args }) ?? '');
  // JSON text of a JSON text, all ASCII, is a literal of Python's too.
  return payload.replace(mark, () => JSON.stringify(json));
}

function ascii(json: string): string {
  return json.replace(/[\u007f-\uffff]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function keyOf(module: string, install: AnsibleInstall, cfg: string | undefined, folders: readonly string[]): string {
  const settings = Object.entries(process.env).filter(([name]) => name.startsWith('ANSIBLE_') || name === 'PYTHONPATH');
  const parts = [packPy, module, install.program, stamp(install.program), ...install.python, ...folders];
  const of = [...parts, ...(cfg === undefined ? [] : [stamp(cfg)]), JSON.stringify(settings.sort())];
  return createHash('sha256').update(of.join('\0')).digest('hex').slice(0, 32);
}

/** Which file it is, and of when. */
function stamp(path: string): string {
  const at = statSync(path, { throwIfNoEntry: false, bigint: true });
  return `${path} ${at === undefined ? 'absent' : `${at.ino} ${at.size} ${at.mtimeNs}`}`;
}

/** What holds no arguments and no secrets may be kept for the user, whatever project it is for. */
function cacheOf(): string {
  return join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'play', 'ansible-modules');
}

function readPacked(key: string): PackedModule | undefined {
  const kept = readKept(cacheOf(), `${key}.json`);
  if (kept === undefined) return undefined;
  const found = v.safeParse(v.pipe(v.string(), v.parseJson(), keptSchema), kept.text);
  if (!found.success) return undefined;
  const { packed, stamps } = found.output;
  return packed.sources.every((path, i) => stamp(path) === stamps[i]) ? packed : undefined;
}

interface Packing {
  readonly module: string;
  readonly install: AnsibleInstall;
  readonly cfg: string | undefined;
  readonly folders: readonly string[];
  readonly key: string;
}

function pack({ module, install, cfg, folders, key }: Packing): PackedModule {
  const [program = '', ...args] = install.python;
  const came = spawnSync(program, [...args, '-c', packPy], {
    input: JSON.stringify({ module, folders, mark }),
    cwd: cfg === undefined ? '/' : dirname(cfg),
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' },
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
  });
  const { stdout, stderr } = came;
  const answer = v.safeParse(v.pipe(v.string(), v.parseJson(), v.union([packedSchema, problemSchema])), stdout ?? '');
  if (!answer.success)
    throw new PlayError(`ansibleModule: Ansible could not pack the module ${module}`, {
      hint: `${install.program} runs on ${install.python.join(' ')}, which was asked. Does \`${install.program} --version\` work?`,
      detail: (startFailure(came)?.message ?? stderr).trimEnd().split('\n').slice(-12).join('\n'),
    });
  if ('problem' in answer.output) throw refusal(module, answer.output, install);
  const stamps = answer.output.sources.map(stamp);
  writeKept(
    cacheOf(),
    `${key}.json`,
    JSON.stringify({ packed: answer.output, stamps } satisfies v.InferInput<typeof keptSchema>),
  );
  return answer.output;
}

function refusal(
  module: string,
  why: v.InferOutput<typeof problemSchema>,
  { program, python }: AnsibleInstall,
): PlayError {
  switch (why.problem) {
    case 'import':
      return new PlayError(`ansibleModule: ${python.join(' ')}, which runs ${program}, has no usable ansible-core`, {
        hint: 'Tested with ansible-core 2.14. Is Ansible 2.9 or older installed, or was that Python replaced?',
        detail: why.detail,
      });
    case 'action':
      return new PlayError(
        `ansibleModule: ${module} cannot be sent to a host: it is an action plugin, which runs on the Ansible side`,
        { hint: insteadOf(why.name) },
      );
    case 'missing':
      return new PlayError(`ansibleModule: Ansible has no module ${why.name} here`, {
        hint: missingHint(why.name, why.version, why.roots),
      });
    case 'style':
      return new PlayError(`ansibleModule: ${module} is not a module written with Ansible's own Python library`, {
        hint: `${why.path} is of the style "${why.style}", which has no check mode. Run it with script or command.`,
      });
    case 'packing':
      return new PlayError(
        `ansibleModule: ansible-core ${why.version} packs modules in a way that play does not know`,
        {
          hint: 'Tested with ansible-core 2.14. Put one that packs as it does first on the PATH.',
          detail: why.detail,
        },
      );
  }
}

/** What play has where Ansible has an action plugin of its own. */
const counterparts = new Map(
  ['assemble', 'assert', 'command', 'copy', 'debug', 'fetch', 'pause', 'reboot', 'script', 'shell', 'template']
    .concat(['unarchive', 'uri'])
    .map((name) => [name, `Write it with \`${name}\` of play.`]),
);

function insteadOf(name: string): string {
  const own = /^(?:ansible\.(?:builtin|legacy)\.)?(\w+)$/.exec(name)?.[1];
  if (own === 'service' || own === 'package')
    return `It only chooses another module by the host: name that one, such as ${own === 'service' ? 'ansible.builtin.systemd' : 'ansible.builtin.apt'}, or use \`${own === 'service' ? 'service' : 'packages'}\` of play.`;
  return (
    (own === undefined ? undefined : counterparts.get(own)) ??
    'Write it with resources of play, or run that part with ansible-playbook.'
  );
}

function missingHint(name: string, version: string, roots: readonly string[]): string {
  const [namespace, collection, ...rest] = name.split('.');
  if (rest.length === 0 || (namespace === 'ansible' && collection === 'builtin'))
    return `ansible-core ${version} does not bring it. Is it spelt right, and named in full (NAMESPACE.COLLECTION.MODULE)?`;
  const where =
    roots.length === 0 ? 'no collections are installed' : `collections were looked for in ${roots.join(', ')}`;
  return `Install its collection: ansible-galaxy collection install ${namespace}.${collection} (${where}).`;
}
