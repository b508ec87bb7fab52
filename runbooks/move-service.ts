import {
  assert,
  command,
  confirm,
  defineRunbook,
  flushHandlers,
  handler,
  option,
  replace,
  systemd,
  uri,
  v,
  waitFor,
  type RunbookStep,
  type Task,
} from 'play';
import { compareFolders, copyFolders, letIn, shutOut, type HostCopy } from './move/one-time-key.ts';

const pointer = option.object('What sends users to the service.', {
  hosts: option.text('Where it is, as a pattern.'),
  path: option.text('The file that names the old host.'),
  from: option.text('What stands there for the old host.'),
  to: option.text('What stands there for the new one.'),
  unit: option.text('What reads the file, and is reloaded.'),
});

interface Pointer {
  readonly hosts: string;
  readonly path: string;
  readonly from: string;
  readonly to: string;
  readonly unit: string;
}

const literally = (text: string): RegExp => new RegExp(text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, '\\$&'), 'g');

interface Moved {
  readonly move_from: string;
  readonly move_to: string;
  readonly move_paths: string[];
  readonly move_address?: string | undefined;
  readonly move_ssh_port: number;
  readonly move_login: string;
  readonly move_hours: number;
}

/** Brings a service and its data to another host. */
export default defineRunbook({
  title: 'Move a service to new hardware',
  description:
    'Copies the data of a service to a new host while it runs, stops it, copies what has changed since, compares all bytes, starts it on the new host and sends users there. The data goes from host to host by a key that is made for it, lets nothing but these folders be read, and is removed however the runbook ends. The service itself (package, configuration, unit) is on the new host before: by its playbook. `--back` sends users back to the old host, whose data stays as it was when the service was stopped.',
  vars: {
    move_from: option.text('The old host.'),
    move_to: option.text('The new host.'),
    move_units: option.list(
      'The units, the first to be stopped first. They are started in reverse.',
      v.string(),
      v.minLength(1, 'must name a unit'),
    ),
    move_paths: option.list(
      'The folders with the data. What the new host has in them besides is removed.',
      v.pipe(v.string(), v.regex(/^\/[^\n]*[^/\n]$/, 'must be absolute, and not end with a slash')),
      v.minLength(1, 'must name a folder'),
    ),
    move_address: v.optional(
      option.text('The old host, as the new one reaches it. Default: as it is reached from here.'),
    ),
    move_ssh_port: option.port('Its port for ssh.', 22),
    move_login: option.text(
      'Who the new host logs in as on the old one; others than root need sudo without a password.',
      'root',
    ),
    move_hours: option.integer('When the key for the copy ends by itself.', 48, v.minValue(1)),
    move_url: v.optional(option.url('What answers 200 when the service is well, asked on the new host.')),
    move_port: v.optional(option.port('A TCP port that is open when it runs.')),
    move_patience: option.integer('Seconds that it may take to be well.', 120, v.minValue(1)),
    move_pointers: option.list('What sends users to it. Without any you are asked to do so by hand.', pointer, []),
  },
  steps: ({ vars: all }) => {
    const { move_from: from, move_to: to, move_pointers: pointers } = all;
    const backwards = (units: readonly string[]): string[] => [...units].reverse();
    const start = (units: readonly string[]): Task[] =>
      backwards(units).map((name) => systemd({ name, state: 'started', enabled: true }));
    const stop = (units: readonly string[]): Task[] =>
      units.map((name) => systemd({ name, state: 'stopped', enabled: false }));
    return [
      {
        name: 'look',
        hosts: [from, to],
        become: true,
        before: ({ vars, host }) => [
          assert(
            { that: from !== to, failMsg: `${from} is both the old host and the new one` },
            { name: 'they are two hosts' },
          ),
          ...vars.move_units.map((unit) =>
            command(
              { argv: ['systemctl', 'cat', '--', unit], changes: 'never' },
              { name: `there is the unit ${unit}` },
            ),
          ),
          ...(host.name === from
            ? vars.move_paths.map((path) =>
                command({ argv: ['test', '-d', path], changes: 'never' }, { name: `there is the folder ${path}` }),
              )
            : enoughRoom(vars)),
        ],
      },
      {
        name: 'let the new host read',
        description: `The key is on ${to} alone, and in no file of this machine. It can read these folders and do nothing else.`,
        hosts: to,
        become: true,
        tasks: ({ vars, hostOf }) => letIn(copyOf(vars, hostOf(from).vars)),
        always: ({ vars, hostOf }) => shutOut(copyOf(vars, hostOf(from).vars)),
      },
      {
        name: 'first copy',
        description: 'While the service runs. It may take hours; the last copy brings only what changed since.',
        hosts: to,
        become: true,
        tasks: ({ vars, hostOf }) => [...stop(vars.move_units), ...copyFolders(copyOf(vars, hostOf(from).vars), true)],
      },
      {
        name: 'stop it',
        hosts: from,
        become: true,
        confirm: {
          question: `${all.move_units.join(', ')} on ${from}: stopped now. Nobody is served until it runs on ${to}.`,
          type: to,
        },
        tasks: ({ vars }) => stop(vars.move_units),
        back: ({ vars }) => [...start(vars.move_units), ...wellness(vars)],
      },
      {
        name: 'last copy',
        hosts: to,
        become: true,
        tasks: ({ vars, hostOf }) => copyFolders(copyOf(vars, hostOf(from).vars), false),
        after: ({ vars, hostOf }) => compareFolders(copyOf(vars, hostOf(from).vars)),
      },
      {
        name: 'start it',
        hosts: to,
        become: true,
        tasks: ({ vars }) => start(vars.move_units),
        after: ({ vars }) => wellness(vars),
        back: ({ vars }) => [
          confirm({
            prompt: `What was written on ${to} since it runs there is not on ${from}, and is lost to users.`,
            answer: from,
          }),
          ...stop(vars.move_units),
        ],
      },
      ...(pointers.length > 0
        ? pointers.map((one) => turn(one))
        : [{ name: 'send users there', question: `Send users to ${to} now: DNS, or whatever names ${from}.` }]),
      {
        name: 'look again',
        question: `It runs on ${to}. Is it well? On ${from} data and units are as they were, stopped. Take ${from} out of the inventory, or a run of its playbook starts them.`,
      },
    ];
  },
});

function copyOf(vars: Moved, old: Readonly<Record<string, unknown>>): HostCopy {
  const reached = old['ansible_host'];
  return {
    from: vars.move_from,
    to: vars.move_to,
    address: vars.move_address ?? (typeof reached === 'string' ? reached : vars.move_from),
    sshPort: vars.move_ssh_port,
    login: vars.move_login,
    paths: vars.move_paths,
    hours: vars.move_hours,
  };
}

const numbersOf = (lines: readonly string[]): number[][] => lines.map((line) => line.split(/\s+/).map(Number));

/** What the folders take on the old host must be free where they come to lie, or be taken by what they replace. */
function enoughRoom({ move_from: from, move_paths: paths }: Moved): Task[] {
  const taken = command(
    { argv: ['du', '-sm', '--', ...paths], changes: 'never' },
    { name: `what the data takes on ${from}`, delegateTo: from },
  );
  // For each folder: the file system, what is free there and what the folder takes, in MiB.
  const free = command(
    {
      argv: [
        'sh',
        '-c',
        'for path; do at=$path; while [ ! -e "$at" ]; do at=$(dirname -- "$at"); done; printf "%s %s %s\\n" "$(stat -c %d -- "$at")" "$(df -Pm -- "$at" | awk "END { print \\$4 }")" "$(du -sm -- "$path" 2>/dev/null | cut -f 1)"; done',
        'sh',
        ...paths,
      ],
      changes: 'never',
    },
    { name: 'what is free here' },
  );
  return [
    taken,
    free,
    assert(
      {
        that: ({ results }) => {
          const sizes = numbersOf(results(taken).stdoutLines).map(([size = 0]) => size);
          const needed = new Map<number, { need: number; free: number }>();
          for (const [i, [device = 0, room = 0, replaced = 0]] of numbersOf(results(free).stdoutLines).entries()) {
            const need = (needed.get(device)?.need ?? 0) + (sizes[i] ?? 0) - replaced;
            needed.set(device, { need, free: room });
          }
          return [...needed.values()].map((one) => ({
            that: one.need <= one.free,
            msg: `the data takes ${one.need} MiB more than what it replaces, and ${one.free} MiB are free`,
          }));
        },
      },
      { name: 'there is room for it' },
    ),
  ];
}

function wellness(vars: {
  readonly move_port?: number | undefined;
  readonly move_url?: string | undefined;
  readonly move_patience: number;
}): Task[] {
  const { move_port: port, move_url: url, move_patience: patience } = vars;
  return [
    ...(port === undefined ? [] : [waitFor({ port, timeout: patience })]),
    ...(url === undefined ? [] : [uri({ url, retries: Math.ceil(patience / 2), delay: 2 })]),
  ];
}

/** From the old host to the new one, and back. */
function turn({ hosts, path, from, to, unit }: Pointer): RunbookStep {
  const reload = handler(`reload ${unit}`, () => systemd({ name: unit, state: 'reloaded' }));
  const edit = (old: string, now: string): Task =>
    replace({ path, regexp: literally(old), replace: now.replaceAll('\\', '\\\\') }, { notify: reload });
  return {
    name: `send users there: ${path} on ${hosts}`,
    hosts,
    become: true,
    before: () => [
      command(
        { argv: ['grep', '-qF', '-e', from, '-e', to, path], changes: 'never' },
        { name: `${path} names the old host` },
      ),
    ],
    tasks: () => [edit(from, to)],
    back: () => [edit(to, from), flushHandlers({})],
  };
}
