import * as v from 'valibot';
import type { Options, Question } from '../../contract/index.ts';
import { defineResource } from '../../playbook/index.ts';
import { content, stat, unit, unitName } from '../../probes/index.ts';
import { reveal, Secret } from '../../secrets/index.ts';
import { fileQuestions } from '../kit/file-content.ts';
import { filePath, flag, group, mode, owner, path, port, secretText, text } from '../kit/schemas.ts';
import { tableQuestions, wantedTable, type WantedTable } from './nftables.ts';
import { planCourse } from './red-black-course.ts';
import { bothColours, type Colour, type Instance, type Pointer, type Wanted } from './red-black-wanted.ts';

export type { RedBlackResult } from './red-black-wanted.ts';
import { lastChange, unitTimes } from './red-black.probe.ts';

const url = (description: string) =>
  v.pipe(
    v.string(),
    v.regex(/^https?:\/\/[^\s]+$/, 'must be an http:// or https:// address without blanks'),
    v.description(description),
  );
const argv = (description: string) => v.pipe(v.array(v.string()), v.minLength(1), v.description(description));
const seconds = (description: string, standard: number) =>
  v.optional(v.pipe(v.number(), v.minValue(1), v.description(description)), standard);

const instance = (description: string) =>
  v.pipe(
    v.strictObject({
      unit: v.pipe(
        v.string(),
        v.regex(/^[A-Za-z0-9:_.\\][A-Za-z0-9:_.\\@-]{0,240}$/, 'must be the name of one unit, such as collector@red'),
        v.regex(/^(?!.*@(?:\.service)?$)(?!.*\.(?!service$)[a-z]+$)/, 'must be a service, not a template of one'),
        v.description('Its systemd unit, such as `collector@red`.'),
      ),
      port: port('The TCP port it listens on, on the host itself.'),
      files: v.optional(
        v.pipe(
          v.array(
            v.strictObject({
              path: filePath('Where.'),
              content: secretText('The content. May be a Secret.'),
              mode,
              owner,
              group,
            }),
          ),
          v.description(
            'Files that it alone reads when it starts: an `EnvironmentFile`, its configuration. If those of the live instance differ from what is wanted, the other instance is started with the wanted ones. Their folders must exist.',
          ),
        ),
        [],
      ),
      pointer: v.optional(text('The content of the `pointer` file while this instance is live.')),
      health: v.optional(
        v.pipe(
          v.union(
            [url('An address.'), argv('A command.')],
            "must be an http:// or https:// address, or a command as a list: ['check', '--quick']",
          ),
          v.description(
            'The health check: a URL that must answer 2xx (certificates are not verified), or a command, as a list, that must exit with 0. Default: it listens on its port.',
          ),
        ),
      ),
      inFlight: v.optional(
        v.pipe(
          v.union(
            [
              v.strictObject({
                url: url('A metrics page in Prometheus format.'),
                metric: v.pipe(
                  v.string(),
                  v.regex(/^[A-Za-z_:][A-Za-z0-9_:]*$/, 'must be the name of a metric'),
                  v.description('The metric; several with this name are added up.'),
                ),
              }),
              argv('A command that prints a number.'),
            ],
            "must be { url, metric }, or a command as a list: ['queue', '--length']",
          ),
          v.description(
            'How much work it has left: a metric, or a command, as a list, that prints a number. Default: its connections.',
          ),
        ),
      ),
    }),
    v.description(description),
  );

const options = {
  name: v.pipe(
    v.string(),
    v.regex(/^[A-Za-z][A-Za-z0-9_.-]{0,31}$/, 'must be a name of letters, digits and _ . -'),
    v.description('The name of the service.'),
  ),
  red: instance('One of the two instances: its unit, its port and its own files.'),
  black: instance('The other one.'),
  pointer: v.optional(
    v.pipe(
      v.strictObject({
        file: filePath('The file.'),
        reload: v.pipe(
          v.string(),
          v.regex(/^[A-Za-z0-9:_.\\@-]+$/, 'must be the name of a unit, such as nginx'),
          v.description('The unit that reads it, reloaded when it changes.'),
        ),
        validate: v.optional(text('A command that must end with 0 before the reload, such as `nginx -t`.')),
        oldProcesses: flag(
          "Also wait for the unit's processes from before the reload: they may hold requests for the old instance that have not reached it yet, as nginx does with uploads. False for a unit that keeps helper processes across a reload.",
          true,
        ),
      }),
      v.description(
        'A file that says which instance is live, such as an `upstream` that nginx includes, and the unit that reads it. play reads the live instance from it. Its content is the `pointer` of `red` or `black`.',
      ),
    ),
  ),
  redirect: v.optional(
    port(
      "Instead of a `pointer`: a TCP port that nftables redirects to the live instance's port, in a table named after the service. Existing connections stay where they are.",
    ),
  ),
  reads: v.optional(
    v.pipe(
      v.array(path('A file or folder.')),
      v.description(
        'Files that both read when they start and cannot reload: a certificate, the program itself. If any is newer than the live instance, that instance is due to be replaced. Their unit files count automatically. Do not list folders they write to.',
      ),
    ),
    [],
  ),
  front: v.optional(
    url(
      'A URL requested once the pointer has moved, as clients would. If it does not answer 2xx, the pointer goes back. Not requested if there is nothing to go back to.',
    ),
  ),
  healthTimeout: seconds('Seconds a new instance may take to become healthy. Default 60.', 60),
  drainTimeout: seconds('Seconds the old instance may take to finish its work. Default 3600.', 3600),
  onTimeout: v.optional(
    v.pipe(
      v.picklist(['fail', 'stop', 'wait', 'leave']),
      v.description(
        'What to do with an old instance that has not finished by then. `fail`: it keeps running, and the task fails; `leave`: it keeps running, and the task succeeds; after either, the next run waits again. `stop`: it is stopped. `wait`: wait for ever.',
      ),
    ),
    'fail',
  ),
  rollback: flag(
    'Move away from this release: if the live instance has it, the other one takes over as it last was, at once if it still runs. Needs `files`, which identify a release.',
    false,
  ),
};

/** Two instances of a service, one of them live: a new release is started beside the old one. */
export const redBlack = defineResource({
  name: 'redBlack',
  summary:
    'Replaces a service that would lose work when restarted: starts the new release next to the old one, on the same data, moves the pointer once it is healthy, waits until the old one has finished, and stops it. An unhealthy instance never gets the pointer.',
  options,
  example: `const instance = (colour: 'red' | 'black', port: number) => ({
  unit: \`collector@\${colour}\`,
  port,
  files: [{ path: \`/etc/collector/\${colour}.env\`, content: \`PORT=\${port}\\nRELEASE=1.4\\n\` }],
  pointer: \`upstream collector { server 127.0.0.1:\${port}; }\\n\`,
  health: \`http://127.0.0.1:\${port}/health\`,
});
redBlack({
  name: 'collector',
  red: instance('red', 8081),
  black: instance('black', 8082),
  reads: ['/etc/ssl/internal/collector.pem'],
  pointer: { file: '/etc/nginx/conf.d/collector-upstream.conf', reload: 'nginx', validate: 'nginx -t' },
})`,
  validateOptions,
  title: ({ name }) => name ?? '',
  prepare: toWanted,
  probes,
  plan: planCourse,
  owns: (wanted) => [
    ...bothColours.flatMap((colour) => wanted[colour].files.map((file) => ({ on: 'path' as const, path: file.path }))),
    {
      on: 'path',
      path: wanted.pointer.by === 'file' ? wanted.pointer.file : `/etc/nftables-${wanted.pointer.tables.red.table}.nft`,
    },
  ],
});

type Given = Options<typeof options>;

function validateOptions({ red, black, pointer, redirect, rollback }: Given): string | undefined {
  if (unitName(red.unit) === unitName(black.unit)) return `\`red\` and \`black\` are the same unit, ${red.unit}`;
  if (red.port === black.port) return `\`red\` and \`black\` have the same port, ${red.port}: both run for a while`;
  const shared = red.files.find((one) => black.files.some(({ path: other }) => other === one.path));
  if (shared)
    return `${shared.path} is a file of both instances: what both read belongs in a task of its own and in \`reads\``;
  if (rollback && red.files.length === 0)
    return '`rollback` needs `files`, which identify a release: without them both instances are the same';
  if ((pointer === undefined) === (redirect === undefined)) return 'give either `pointer` or `redirect`';
  if (redirect !== undefined && [red.port, black.port].includes(redirect))
    return `the redirected port, ${redirect}, must not be a port of either instance`;
  const texts = [red.pointer, black.pointer];
  if (pointer === undefined)
    return texts.some((one) => one !== undefined)
      ? 'with `redirect` the ports say enough: leave out the `pointer` of `red` and `black`'
      : undefined;
  if (texts.includes(undefined))
    return '`red` and `black` must both say in `pointer` what its file holds while they are live';
  return red.pointer === black.pointer ? 'the `pointer` of `red` and `black` must differ' : undefined;
}

function toWanted({ red, black, pointer, redirect, ...rest }: Given): Wanted {
  const instances = { red: toInstance('red', red), black: toInstance('black', black) };
  return { ...rest, ...instances, pointer: toPointer() };

  function toPointer(): Pointer {
    if (pointer !== undefined)
      return {
        by: 'file',
        ...pointer,
        texts: { red: red.pointer ?? '', black: black.pointer ?? '' },
        reload: unitName(pointer.reload),
      };
    const table = rest.name.replace(/[^A-Za-z0-9_]/g, '_');
    const to = (target: number): WantedTable => redirection(table, redirect ?? 0, target);
    return { by: 'port', tables: { red: to(red.port), black: to(black.port) } };
  }
}

function toInstance(colour: Colour, { unit: name, port: at, files, health, inFlight }: Given[Colour]): Instance {
  return {
    colour,
    unit: unitName(name),
    port: at,
    health,
    inFlight,
    files: files.map(({ content: given, ...file }) => ({
      ...file,
      content: Buffer.from(reveal(given)),
      ...(given instanceof Secret ? { secrets: true as const } : {}),
    })),
  };
}

/** For what comes from other hosts, and from this one; what is only passed on, to containers, is left alone. */
const redirection = (table: string, from: number, to: number): WantedTable =>
  wantedTable({
    table,
    rules: {
      prerouting: [
        'type nat hook prerouting priority dstnat; policy accept;',
        `fib daddr type local tcp dport ${from} redirect to :${to}`,
      ],
      output: [
        'type nat hook output priority -100; policy accept;',
        `oifname "lo" tcp dport ${from} redirect to :${to}`,
      ],
    },
  });

function probes({ red, black, pointer, reads }: Wanted): Question[] {
  const ofInstances = [red, black].flatMap((one) => [
    unit(one.unit),
    unitTimes(one.unit),
    ...one.files.flatMap((file) => fileQuestions(file.path)),
  ]);
  const ofPointer =
    pointer.by === 'port'
      ? bothColours.flatMap((colour) => tableQuestions(pointer.tables[colour]))
      : [
          ...fileQuestions(pointer.file),
          content(pointer.file),
          lastChange(pointer.file),
          unit(pointer.reload),
          unitTimes(pointer.reload),
        ];
  return [...ofInstances, ...ofPointer, ...reads.flatMap((one) => [stat(one), lastChange(one)])];
}
