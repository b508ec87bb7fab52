import * as v from 'valibot';
import { defineResource } from '../../playbook/index.ts';
import { reveal, Secret, secretsIn } from '../../secrets/index.ts';
import { fileQuestions } from '../kit/file-content.ts';
import { planManagedFile, planNoFile } from '../kit/managed-file.ts';
import { flag, mode, path, secretText } from '../kit/schemas.ts';
import { critical, wantedCritical, withCritical } from './critical.ts';

const suffix = /\.(?:service|socket|device|mount|automount|swap|target|path|timer|slice|scope|network|netdev|link)$/;
const setting = v.union([v.string(), v.number(), v.boolean(), v.instance(Secret)]);
const sections = v.record(
  v.string(),
  v.record(
    v.pipe(v.string(), v.regex(/^[A-Za-z0-9-]+$/, 'must be the name of a setting, such as ExecStart')),
    v.union([setting, v.array(setting)]),
  ),
);
type Sections = v.InferOutput<typeof sections>;

interface SystemdUnitResult {
  /** The file of the unit. */
  readonly path: string;
}

/** A unit file of systemd, or a drop-in of one. */
export const systemdUnit = defineResource({
  name: 'systemdUnit',
  summary:
    'Writes a unit file, or a drop-in for another one, below /etc/systemd/system, checked by systemd-analyze. Use systemd() to enable and start it, which also makes systemd read the file.',
  options: {
    name: v.pipe(
      v.string(),
      v.regex(/^[A-Za-z0-9:_.\\@][A-Za-z0-9:_.\\@-]*$/, 'must be the name of one unit, such as backup.timer'),
      v.regex(suffix, 'must end in a unit suffix: .service, .timer, .socket ...'),
      v.description('The unit with its suffix: `app.service`, `backup.timer`, `worker@.service`.'),
    ),
    dropIn: v.optional(
      v.pipe(
        v.string(),
        v.regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]*$/, 'must be a file name of letters, digits, "_", "." and "-"'),
        v.description(
          'Write a drop-in of this name, `NAME.d/DROPIN.conf`, and leave the unit file to the package that ships it.',
        ),
      ),
    ),
    sections: v.optional(
      v.pipe(
        sections,
        v.description(
          "The content as data: `{ Service: { ExecStart: ['', '/usr/bin/app'] } }`. A list repeats the setting; an empty string clears earlier values. Values may be Secrets.",
        ),
      ),
    ),
    content: v.optional(secretText('The content as text, instead of `sections`. May be a Secret.')),
    state: v.optional(
      v.pipe(
        v.picklist(['present', 'absent']),
        v.description('`absent` removes the file; stop and disable the unit first.'),
      ),
      'present',
    ),
    verify: flag(
      'Reject the file if systemd-analyze(1) finds an error in it: misspelt settings, values it cannot parse.',
      true,
    ),
    mode,
    critical,
    folder: v.optional(path('The folder, if not `/etc/systemd/system`.'), '/etc/systemd/system'),
  },
  example: `systemdUnit({ name: 'backup.service', sections: { Unit: { Description: 'Nightly backup' }, Service: { Type: 'oneshot', ExecStart: '/usr/local/bin/backup' } } })
systemdUnit({ name: 'backup.timer', sections: { Timer: { OnCalendar: '*-*-* 03:15', Persistent: true }, Install: { WantedBy: 'timers.target' } } })
systemdUnit({ name: 'nginx.service', dropIn: 'limits', sections: { Service: { LimitNOFILE: 65536 } } }, { notify: restartNginx })`,
  validateOptions({ name, sections: data, content, state, critical: isCritical }) {
    if (isCritical !== undefined && !isTimer(name)) return '`critical` needs a timer: the unit that says when';
    if (state === 'absent') return undefined;
    if ((data === undefined) === (content === undefined)) return 'give either `sections` or `content`';
    const bad = Object.keys(data ?? {}).find((name) => !/^[^[\]\r\n]+$/.test(name));
    return bad === undefined ? undefined : `"${bad}" is not a section name`;
  },
  title: (options) => `${options.name ?? ''}${options.dropIn === undefined ? '' : ` ${options.dropIn}`}`,
  prepare(given) {
    const { name, dropIn, sections: data, content, state, verify, mode: wanted, folder } = given;
    const base = dropIn === undefined ? undefined : `${dropIn.replace(/\.conf$/, '')}.conf`;
    const file = base === undefined ? `${folder}/${name}` : `${folder}/${name}.d/${base}`;
    const text = data === undefined ? reveal(content ?? '') : write(data);
    const secrets = [...secretsIn([data, content])];
    // A drop-in that goes leaves the timer it was of.
    const isGone = state === 'absent' && dropIn === undefined;
    return {
      state,
      record: isTimer(name)
        ? wantedCritical(`timer ${name}`, given.critical, isGone ? 'absent' : 'present', { name, timer: name })
        : undefined,
      file: {
        path: file,
        content: Buffer.from(text),
        mode: wanted ?? '0644',
        owner: 'root',
        group: 'root',
        validate: verify ? checker(name, base) : undefined,
        ...(secrets.length > 0 ? { secrets } : {}),
      },
    };
  },
  probes: ({ file }) => fileQuestions(file.path),
  plan({ state, file, record }, found) {
    const result: SystemdUnitResult = { path: file.path };
    return withCritical(record, found, (now) =>
      state === 'absent' ? planNoFile(file.path, now, result) : planManagedFile(file, { mode: '0755' }, now, result),
    );
  },
  owns: ({ file }) => [{ on: 'path', path: file.path }],
});

/** One that runs, and not the template of many. */
const isTimer = (name: string): boolean => name.endsWith('.timer') && !name.endsWith('@.timer');

/** systemd.syntax(7): a line break inside a value is written as a backslash before it. */
function write(data: Sections): string {
  const line = (key: string, value: v.InferOutput<typeof setting>): string => {
    const text = typeof value === 'boolean' ? (value ? 'yes' : 'no') : reveal(value);
    return `${key}=${text.replaceAll(/\\?\n/g, '\\\n')}\n`;
  };
  const section = (settings: Sections[string]): string =>
    Object.entries(settings)
      .map(([key, value]) => (Array.isArray(value) ? value.map((one) => line(key, one)).join('') : line(key, value)))
      .join('');
  return Object.entries(data)
    .map(([name, settings]) => `[${name}]\n${section(settings)}`)
    .join('\n');
}

/**
 * The file is looked at under its real name in a folder of its own, before all others. Only what is said of its lines
 * counts: programs and units it needs may come later in the play. The name is of letters that mean nothing to sh, by
 * the schema.
 */
function checker(name: string, dropIn: string | undefined): string {
  if (/\.(?:network|netdev|link)$/.test(name)) return ': %s';
  const place = dropIn === undefined ? `'${name}'` : `'${name}.d/${dropIn}'`;
  return `command -v systemd-analyze >/dev/null || exit 0
d=$(mktemp -d /run/play-unit.XXXXXX 2>/dev/null || mktemp -d /dev/shm/play-unit.XXXXXX) || exit 0
trap 'rm -rf -- "$d"' EXIT
mkdir -p "$d/$(dirname -- ${place})" && cat -- %s >"$d"/${place}
w=$(SYSTEMD_UNIT_PATH="$d:" systemd-analyze verify '${name.replace('@.', '@play.')}' 2>&1 | grep -F "$d"/${place}: | sed "s,$d/,,")
[ -z "$w" ] || { printf '%s\\n' "$w" >&2; exit 1; }`;
}
