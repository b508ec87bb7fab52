import * as v from 'valibot';
import { PlayError } from '../../errors/index.ts';
import { defineResource, type Scope } from '../../playbook/index.ts';
import { reveal, Secret } from '../../secrets/index.ts';
import { roleFile } from '../kit/role-file.ts';
import { flag, follow, group, owner, path, secretText, text } from '../kit/schemas.ts';
import { readTree } from '../kit/tree/local.ts';
import { planTree, treeQuestions } from '../kit/tree/plan.ts';
import { excluder, fileEntry, parentsOf, withParents, type WantedTree } from '../kit/tree/wanted.ts';

const octal = (description: string) =>
  v.pipe(
    v.string(),
    v.regex(/^[0-7]{3,4}$/, "must be octal, such as '0644'"),
    v.transform((mode) => mode.padStart(4, '0')),
    v.description(description),
  );

/** A folder of the role, mirrored. */
export const sync = defineResource({
  name: 'sync',
  summary:
    "Mirrors a folder of the role's `files/` to the host: whatever differs is sent in one stream, and each file is replaced atomically. Only content counts: a file that is written gets the time of its source, or the current time if the old file has the same time; a file with the right content keeps its own.",
  options: {
    src: v.optional(
      text("The folder whose contents are mirrored: a path relative to the role's `files/`, or an absolute one."),
    ),
    dest: path('The directory on the host; created if it does not exist.'),
    follow,
    delete: flag('Delete whatever is in `dest` and not in `src`.', false),
    exclude: v.optional(
      v.pipe(
        v.array(v.string()),
        v.description(
          'Patterns for what is neither copied nor deleted. Without a slash they match names at any depth (`*.tmp`), otherwise paths from the root (`cache/*`); `**` crosses slashes.',
        ),
      ),
      [],
    ),
    generated: v.optional(
      v.pipe(
        v.record(v.string(), secretText('The content.')),
        v.description(
          'Additional files for the tree, by their path in it; values may be Secrets. They take precedence over `src` and `exclude`, and `delete` spares them.',
        ),
      ),
      {},
    ),
    mode: v.optional(
      octal(
        'Mode of every file. Default: `0755` for those that are executable here, `0600` for generated secrets (`0640` with a `group`), else `0644`.',
      ),
    ),
    directoryMode: v.optional(octal('Mode of every directory below `dest`. Default `0755`.'), '0755'),
    owner,
    group,
  },
  example: `sync({ src: 'dashboards', dest: '/etc/grafana/dashboards', delete: true, exclude: ['*.swp'],
  generated: { 'hosts.json': JSON.stringify(hosts) } })`,
  validateOptions({ src, generated }) {
    if (src === undefined && Object.keys(generated).length === 0) return 'give `src`, `generated` or both';
    const wrong = Object.keys(generated).find((name) => !isPlain(name));
    return wrong === undefined
      ? undefined
      : `\`generated\`: ${JSON.stringify(wrong)} must be a path inside the tree, without \`.\`, \`..\` and empty parts`;
  },
  title: (options) => options.dest ?? '',
  prepare({ src, dest, delete: deletes, exclude, generated, mode, directoryMode, ...rest }, scope: Scope): WantedTree {
    const isExcluded = excluder(exclude);
    const made = Object.entries(generated).map(([name, given]) =>
      given instanceof Secret
        ? fileEntry(name, Buffer.from(reveal(given)), mode ?? (rest.group === undefined ? '0600' : '0640'), {
            secrets: true,
          })
        : fileEntry(name, Buffer.from(reveal(given)), mode ?? '0644', {}),
    );
    const read =
      src === undefined
        ? []
        : readTree(roleFile(scope, 'files', src), { file: mode, directory: directoryMode }, isExcluded);
    const names = new Set(made.map((one) => one.name));
    const clash =
      read.find((one) => one.type !== 'directory' && made.some(({ name }) => name.startsWith(`${one.name}/`))) ??
      read.find((one) => one.type === 'directory' && names.has(one.name));
    if (clash)
      throw new PlayError(`sync: ${clash.name} is a ${clash.type} in \`src\`, and \`generated\` wants it otherwise`);
    const entries = withParents([...read.filter((one) => !names.has(one.name)), ...made], directoryMode);
    // What is generated is wanted whatever the patterns say, and so are the folders it lies in.
    const certain = new Set(made.flatMap(({ name }) => [name, ...parentsOf(name)]));
    return {
      ...rest,
      dest,
      entries,
      delete: deletes,
      isExcluded: (name) => !certain.has(name) && isExcluded(name),
      makesDest: true,
    };
  },
  probes: treeQuestions,
  plan: planTree,
  owns: ({ dest, entries }) =>
    entries.filter(({ type }) => type === 'file').map(({ name }) => ({ on: 'path', path: `${dest}/${name}` })),
});

function isPlain(name: string): boolean {
  return !name.includes('\0') && name.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
}
