import * as v from 'valibot';
import { predict, settled, type Change, type Found, type Plan } from '../../contract/index.ts';
import { defineResource } from '../../playbook/index.ts';
import { presumeFolder } from '../kit/folder.ts';
import { whyNotAsRoot } from '../kit/foreign-tool.ts';
import { flag, path, text } from '../kit/schemas.ts';
import { toolNeed } from '../kit/tool-need.ts';
import { globalPackages, npmPublished, npmSh, npmState, type NpmAnswer, type NpmDue } from './npm.probe.ts';

export interface NpmResult {
  /** The package asked for; empty if they come from a `package.json`. */
  readonly name: string;
  /** The version found beforehand; empty if there was none. */
  readonly version: string;
}

const options = {
  name: v.optional(
    v.pipe(
      text('A package. Default: those that `package.json` and `package-lock.json` in `path` name.'),
      v.regex(
        /^(?:@[a-z0-9~][\w.~-]*\/)?[A-Za-z0-9~][\w.~-]*$/,
        'must be the name of one package, such as `pm2` or `@scope/name`',
      ),
    ),
  ),
  version: v.optional(
    v.pipe(
      text(
        'With `name`: a version or range (`5.3.0`, `^5`), or anything else npm takes after the `@`: a tag, a URL, `file:/srv/x.tgz`. For those, any installed version will do. Default: any.',
      ),
      v.regex(/^[^-\s\0][^\0\n]*$/, 'must be a version'),
    ),
  ),
  path: v.optional(path('The folder that has, or gets, `node_modules`.')),
  global: flag('Install for everybody on the host, in place of `path`.', false),
  state: v.optional(
    v.pipe(
      v.picklist(['present', 'latest', 'absent']),
      v.description('`latest` asks the registry for the newest version, in check mode too. Default `present`.'),
    ),
    'present',
  ),
  ci: flag(
    'Install exactly what `package-lock.json` says, as `npm ci` does; nothing is done if exactly that is there already.',
    false,
  ),
  production: flag('Leave out development dependencies.', false),
  noOptional: flag('Leave out optional dependencies.', false),
  ignoreScripts: flag("Do not run the packages' installation scripts.", false),
  noBinLinks: flag("Do not create links to the packages' programs.", false),
  force: flag("npm's own `--force`.", false),
  registry: v.optional(
    v.pipe(
      text('The registry. Default: as npm is configured for the account. No password in it: use `.npmrc`.'),
      v.regex(/^https?:\/\/[^\s@]+$/, 'must be an address, without name and password'),
    ),
  ),
  executable: v.optional(
    v.pipe(
      text('The npm to use: a name or a path; the `node` next to it is used. Default `npm`.'),
      v.regex(/^(?:\/[^\0\n]+|[A-Za-z0-9_.+][A-Za-z0-9_.+-]*)$/, 'must be a name or an absolute path'),
    ),
    'npm',
  ),
};
type Wanted = v.InferOutput<v.StrictObjectSchema<typeof options, undefined>>;

/** Packages of Node. */
export const npm = defineResource({
  name: 'npm',
  summary: 'Node packages, installed with npm: in a folder, or for everybody on the host.',
  options,
  example: `npm({ name: 'pm2', version: '5.3.0', global: true })
npm({ path: '/srv/app', ci: true, production: true }, { becomeUser: 'app' })`,
  validateOptions({ name, version, path: folder, global, state, ci }) {
    if (global === (folder !== undefined)) return 'give either `path` or `global: true`';
    if (ci && (name !== undefined || global)) return '`ci` is about a `package-lock.json`: it goes with `path` alone';
    if (global && name === undefined) return '`global` needs `name`';
    if (version !== undefined && name === undefined) return '`version` needs `name`';
    if (name === undefined && state !== 'present')
      return `state '${state}' needs \`name\`; versions of a package.json are decided there`;
    if (version !== undefined && state !== 'present') return `state '${state}' takes no \`version\``;
    return undefined;
  },
  title: ({ name, path: folder }) => name ?? folder ?? '',
  prepare: (given): Wanted => given,
  probes: (wanted) => [question(wanted)],
  plan: planNpm,
});

const question = ({ executable, path: folder = '', name = '', version = '', state, ...rest }: Wanted) =>
  npmState({
    executable,
    path: folder,
    name,
    version: state === 'present' ? version : '',
    ci: rest.ci,
    production: rest.production,
    noOptional: rest.noOptional,
  });

/** More than this are shown as one. */
const mostNamed = 12;

function planNpm(wanted: Wanted, found: Found): Plan<NpmResult> {
  const { name = '', path: folder, state, executable } = wanted;
  const asked = question(wanted);
  const there = found.get(asked);
  const nothing = settled({ name, version: there.is === 'known' ? there.version : '' });
  found.require(there.is !== 'no npm', toolNeed(executable, 'npm'));
  if (there.is === 'foreign') return { ...nothing, ...whyNotAsRoot(`${executable} is not run`, there) };
  if (there.is === 'no folder' && folder !== undefined) {
    if (state === 'absent') return nothing;
    presumeFolder(folder, found);
  }
  if (there.is === 'error') found.require(false, { failure: there.why, by: 'changes' });
  found.require(folder === undefined || name !== '' || !found.outdated(asked), {
    failure: `${folder} does not exist as planned`,
    by: 'changes',
  });
  const known = there.is === 'known' ? there : { is: 'known' as const, place: folder ?? '', version: '', due: [] };
  const due = name === '' ? known.due : dueOf(wanted, known.version, known.due, found);
  if (typeof due === 'string') return { ...nothing, failure: due };
  if (due.length === 0) return nothing;
  const place = folder ?? known.place;
  return {
    ...nothing,
    changes: changesOf(due),
    steps: [
      {
        script,
        args: [executable, folder ?? '', ...argumentsOf(wanted)],
        timeout: 3600,
        label: `${state === 'absent' ? 'remove' : 'install'} ${name === '' ? place : name}`,
      },
    ],
    after: [
      {
        ...predict<NpmAnswer>(asked, {
          is: 'known',
          place,
          version: state === 'absent' ? '' : (due[0]?.to ?? ''),
          due: state === 'absent' ? [{ name, from: '', to: '' }] : [],
        }),
        assumed: `${place} is as npm leaves it`,
      },
    ],
    touches: [...(folder === undefined ? [globalPackages] : []), { on: 'path', path: place }],
  };
}

/** What is to be done to one package; a text where it cannot. */
function dueOf(
  { name = '', version = '', path: folder = '/', state, registry = '', executable }: Wanted,
  now: string,
  due: readonly NpmDue[],
  found: Found,
): readonly NpmDue[] | string {
  if (state === 'absent') return now === '' ? [] : [{ name, from: now, to: 'absent' }];
  const isRight = now !== '' && due.length === 0;
  if (state === 'present' && isRight) return [];
  // What is no version or tag, npm alone can tell of.
  const asks = state === 'latest' || (found.forecast !== undefined && !/[:/]/.test(version));
  if (!asks) return [{ name, from: now, to: version === '' ? 'present' : version }];
  const spec = `${name}@${state === 'latest' || version === '' ? 'latest' : version}`;
  const published = found.get(npmPublished(executable, folder, spec, registry));
  if ('error' in published) found.doubt(`npm may get ${spec}`);
  if ('error' in published) return `npm cannot get ${spec}: ${published.error}`;
  if (state === 'latest') return published.version === now ? [] : [{ name, from: now, to: published.version }];
  return [{ name, from: now, to: version === '' ? 'present' : version }];
}

function changesOf(due: readonly NpmDue[]): Change[] {
  const named = due.slice(0, due.length > mostNamed ? mostNamed - 1 : mostNamed);
  const others = due.length - named.length;
  return [
    ...named.map(({ name, from, to }) => ({
      what: name === 'package-lock.json' ? name : `package ${name}`,
      from: from === '' ? 'absent' : from,
      to: to === '' ? 'present' : to,
    })),
    ...(others === 0 ? [] : [{ what: 'packages', to: `${others} more` }]),
  ];
}

function argumentsOf({ name = '', version = '', state, global, ...wanted }: Wanted): string[] {
  const spec =
    state === 'absent' ? name : state === 'latest' ? `${name}@latest` : version === '' ? name : `${name}@${version}`;
  return [
    state === 'absent' ? 'uninstall' : wanted.ci ? 'ci' : 'install',
    ...(global ? ['--global'] : []),
    // npm 6 knows the first of each pair, those after it the second.
    ...(wanted.production ? ['--production', '--omit=dev'] : []),
    ...(wanted.noOptional ? ['--no-optional', '--omit=optional'] : []),
    ...(wanted.ignoreScripts ? ['--ignore-scripts'] : []),
    ...(wanted.noBinLinks ? ['--no-bin-links'] : []),
    ...(wanted.force ? ['--force'] : []),
    ...(wanted.registry === undefined ? [] : ['--registry', wanted.registry]),
    ...(spec === '' ? [] : [spec]),
  ];
}

const script = `set -e
npm=$1 path=$2; shift 2
${npmSh}
npm_of "$npm"
[ -z "$path" ] || cd -- "$path"
"$npm" "$@" </dev/null >&2`;
