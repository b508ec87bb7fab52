import type { Found, PathState } from '../../../contract/index.ts';
import { utf8 } from '../../../formats/text-bytes.ts';
import { content, group, realPath, stat, user, type Unit } from '../../../probes/index.ts';
import { foreseenUnit, unitText } from './foreseen-unit.ts';
import type { Manager } from './manager.ts';
import { isYes, readCommand, typeOf, whyBad, withoutSpecifiers, type UnitCommand, type UnitText } from './unit-text.ts';

/**
 * Check mode: why a unit is sure not to start, as far as its files say it and the host can be asked. What is missing
 * now and may be there by then is taken for granted.
 */
export function whyNoStart(name: string, now: Unit, found: Found, manager: Manager): string | undefined {
  const text = unitText(name, now, found, manager);
  const why =
    refusal(now, text) ??
    whyNotTriggering(name, now, found, manager) ??
    (text === undefined ? undefined : whatIsMissing(name, text, now, found, manager));
  const hope = found.forecast?.mayAppearBecause;
  if (why === undefined || hope === undefined) return why;
  found.assume(`${name} starts (${why}; but ${hope})`);
  return undefined;
}

function whatIsMissing(name: string, text: UnitText, now: Unit, found: Found, manager: Manager): string | undefined {
  // Under a root of its own nothing of what is looked at here is what it will see.
  const seesHost =
    name.endsWith('.service') && ['RootDirectory', 'RootImage'].every((key) => text.last('Service', key) === undefined);
  return (
    missingUnit(text, found, manager) ??
    failedCondition(text, now, found) ??
    (seesHost ? (missingAccount(text, found) ?? missingPath(text, found) ?? brokenProgram(text, found)) : undefined)
  );
}

function refusal(now: Unit, text: UnitText | undefined): string | undefined {
  if (!now.valid)
    return `systemd refuses its unit file${text === undefined ? '' : ` (${whyBad(text) ?? 'see systemd-analyze verify'})`}`;
  return now.canStart ? undefined : 'its unit file says RefuseManualStart=yes';
}

/** A timer, path or socket starts only where what it is for can be started. */
function whyNotTriggering(name: string, now: Unit, found: Found, manager: Manager): string | undefined {
  for (const service of now.triggers) {
    const other = foreseenUnit(service, found, manager);
    const isUsable = (one: Unit): boolean => one.loaded && one.valid && !one.masked;
    // What is in memory is not read anew before systemd is told to.
    if (!isUsable(other) && (other.active === 'active' || other.held) && isUsable(found.get(manager.unit(service)))) {
      found.assume(`${name} starts (systemd has ${service} in memory as it was before its file changed)`);
      continue;
    }
    if (!other.loaded) return `it starts ${service}, which does not exist`;
    if (other.masked) return `it starts ${service}, which is masked`;
    if (!other.valid) return `it starts ${service}, whose unit file systemd refuses`;
    if (name.endsWith('.socket') && now.active !== 'active' && other.active === 'active')
      return `${service} is already running, and a socket cannot be started after its service; stop it first`;
  }
  return undefined;
}

function missingUnit(text: UnitText, found: Found, manager: Manager): string | undefined {
  for (const key of ['Requires', 'BindsTo', 'Requisite']) {
    for (const other of text
      .values('Unit', key)
      .flatMap((value) => (withoutSpecifiers(value, text.name) ?? '').split(/\s+/))) {
      if (!/^[^@].*\.(?:service|socket|timer|path|target)$/.test(other)) continue;
      const needed = foreseenUnit(other, found, manager);
      if (!needed.loaded) return `it requires ${other}, which does not exist`;
      if (needed.masked) return `it requires ${other}, which is masked`;
      if (key === 'Requisite' && needed.active !== 'active') return `it requires ${other}, which is not running`;
    }
  }
  return undefined;
}

const conditions: Readonly<Record<string, (at: PathState | undefined) => boolean>> = {
  PathExists: (at) => at !== undefined,
  PathIsDirectory: (at) => at?.type === 'directory',
  FileNotEmpty: (at) => at?.type === 'file' && at.size > 0,
  FileIsExecutable: (at) => at?.type === 'file' && isExecutable(at),
};

/** Conditions and assertions about paths (systemd.unit(5)); `|` before several: one of them must hold. */
function failedCondition(text: UnitText, now: Unit, found: Found): string | undefined {
  for (const kind of ['Assert', 'Condition']) {
    // What runs to its end is not missed where a condition keeps it from starting.
    if (kind === 'Condition' && now.runsToEnd) continue;
    const known = Object.entries(conditions).flatMap(([key, holds]) =>
      text.values('Unit', `${kind}${key}`).flatMap((value) => {
        const [, marks = '', path = ''] = /^([|!]*)\s*(.*)$/.exec(value) ?? [];
        const plain = withoutSpecifiers(path, text.name);
        if (plain === undefined || !plain.startsWith('/')) return [];
        return [
          {
            words: `${kind}${key}=${value}`,
            isAlternative: marks.includes('|'),
            holds: holds(at(plain, found)) !== marks.includes('!'),
          },
        ];
      }),
    );
    const failed = known.find((one) => !one.isAlternative && !one.holds);
    if (failed) return `${failed.words} does not hold on this host`;
  }
  return undefined;
}

function missingAccount(text: UnitText, found: Found): string | undefined {
  const name = (key: string): string | undefined => {
    const given = withoutSpecifiers(text.last('Service', key) ?? '', text.name) ?? '';
    return given === '' || /^\d+$/.test(given) ? undefined : given;
  };
  const isDynamic = isYes(text.last('Service', 'DynamicUser'));
  const [owner, members] = [name('User'), name('Group')];
  if (!isDynamic && owner !== undefined && found.get(user(owner)) === null)
    return `it runs as the user ${owner}, who does not exist`;
  if (!isDynamic && members !== undefined && found.get(group(members)) === null)
    return `it runs with the group ${members}, which does not exist`;
  const others = text
    .values('Service', 'SupplementaryGroups')
    .flatMap((value) => value.split(/\s+/))
    .filter((one) => one !== '' && !/^\d+$|%/.test(one));
  const missing = others.find((one) => found.get(group(one)) === null);
  return missing === undefined ? undefined : `it runs with the group ${missing}, which does not exist`;
}

/** Paths that are to be there before it starts; a "-" before one lets it be missing (systemd.exec(5)). */
function missingPath(text: UnitText, found: Found): string | undefined {
  const wanted = (key: string, path: string): { readonly key: string; readonly path: string }[] => {
    const plain = withoutSpecifiers(path.replace(/^\+/, ''), text.name);
    return plain === undefined || !plain.startsWith('/') || /[*?[]/.test(plain) ? [] : [{ key, path: plain }];
  };
  const list = (key: string): string[] => text.values('Service', key).flatMap((value) => value.split(/\s+/));
  const all = [
    ...wanted('WorkingDirectory', text.last('Service', 'WorkingDirectory') ?? ''),
    ...text.values('Service', 'EnvironmentFile').flatMap((path) => wanted('EnvironmentFile', path)),
    ...['ReadWritePaths', 'ReadOnlyPaths', 'InaccessiblePaths'].flatMap((key) =>
      list(key).flatMap((path) => wanted(key, path)),
    ),
    ...['BindPaths', 'BindReadOnlyPaths'].flatMap((key) =>
      list(key).flatMap((path) => wanted(key, path.split(':')[0] ?? '')),
    ),
  ];
  const missing = all.find(({ key, path }) => {
    const there = at(path, found);
    return there === undefined || (key === 'WorkingDirectory' && there.type !== 'directory');
  });
  return missing === undefined ? undefined : `${missing.key}=${missing.path} does not exist`;
}

/** Where systemd looks for programs that are named without a path. */
const searched = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

function brokenProgram(text: UnitText, found: Found): string | undefined {
  const type = typeOf(text);
  const commands = [
    ...text.values('Service', 'ExecStartPre').map((line) => ({ line, isMain: false })),
    ...text.values('Service', 'ExecStart').map((line) => ({ line, isMain: true })),
  ];
  for (const { line, isMain } of commands) {
    const command = readCommand(line);
    const mayFail = command.marks.includes('-');
    const program = withoutSpecifiers(command.program, text.name);
    if (program === undefined || program === '') continue;
    const broken = whyNotRunnable(program, found);
    const end = broken === undefined ? endOf({ ...command, program }, found) : undefined;
    // What may fail is still to stay up where it is the service itself.
    if (isMain && ['simple', 'exec', 'idle', 'notify', 'notify-reload', 'dbus'].includes(type)) {
      if (broken !== undefined) return broken;
      const staysActive =
        isYes(text.last('Service', 'RemainAfterExit')) &&
        (end === 0 || mayFail) &&
        ['simple', 'exec', 'idle'].includes(type);
      if (end !== undefined && !staysActive) return `${line} ends at once, with exit code ${end}`;
    } else if (!mayFail) {
      if (broken !== undefined) return broken;
      if (end !== undefined && end !== 0 && text.last('Service', 'SuccessExitStatus') === undefined)
        return `${line} fails with exit code ${end}`;
    }
  }
  return undefined;
}

/** As execve(2) sees it. */
function whyNotRunnable(program: string, found: Found): string | undefined {
  const paths = program.startsWith('/') ? [program] : searched.map((folder) => `${folder}/${program}`);
  found.need(...paths.map(stat));
  const path = paths.find((one) => at(one, found) !== undefined);
  if (path === undefined) return `its program ${program} does not exist`;
  const file = at(path, found);
  if (file?.type === 'directory') return `its program ${program} is a directory`;
  if (file === undefined || !isExecutable(file))
    return `its program ${program} is not executable (mode ${file?.mode ?? ''})`;
  const text = scriptText(path, found);
  if (text === undefined) return undefined;
  const interpreter = /^#![ \t]*(\S+)/.exec(text)?.[1];
  if (interpreter === undefined) return `its program ${program} is neither a binary nor a script that begins with "#!"`;
  return at(interpreter, found) === undefined
    ? `the interpreter ${interpreter} of its program ${program} does not exist`
    : undefined;
}

/** Programs are mostly large; scripts are not. */
const largestScript = 64 * 1024;

/**
 * The text of a program that is none of the kernel's own formats; undefined where it is, or is too large to be looked
 * at.
 */
function scriptText(path: string, found: Found): string | undefined {
  const file = at(path, found);
  if (file?.type !== 'file' || file.size > largestScript) return undefined;
  const answer = found.get(content(path));
  if (!('bytes' in answer) || answer.bytes.subarray(0, 4).toString('latin1') === '\x7fELF') return undefined;
  return utf8.decode(answer.bytes);
}

/** The exit code of a command that ends at once, where that can be seen from outside. */
function endOf({ program, args }: UnitCommand, found: Found): number | undefined {
  switch (program.replace(/^.*\//, '')) {
    case 'true':
    case 'echo':
      return 0;
    case 'false':
      return 1;
    case 'sh':
    case 'bash':
    case 'dash':
      return args[0] === '-c' && args.length === 2 ? endOfScript(args[1] ?? '') : undefined;
    case 'sleep':
      return Number(args[0]) < 0.5 ? 0 : undefined;
    default: {
      const text =
        args.length === 0 && program.startsWith('/') && at(program, found)?.type === 'file'
          ? scriptText(program, found)
          : undefined;
      return text !== undefined && /^#! ?(?:\/usr)?\/bin\/(?:ba|da)?sh[ \t]*\n/.test(text)
        ? endOfScript(text)
        : undefined;
    }
  }
}

/** A script of words that do nothing but end it. */
function endOfScript(text: string): number | undefined {
  let code = 0;
  for (const line of text.split(/[\n;]/).map((one) => one.trim())) {
    if (line === '' || line.startsWith('#') || /^echo [\w .,:-]*(?:>&2)?$/.test(line)) continue;
    const exit = /^exit(?: (\d+))?$/.exec(line);
    if (exit) return exit[1] === undefined ? code : Number(exit[1]) % 256;
    if (line !== 'true' && line !== 'false' && line !== ':') return undefined;
    code = line === 'false' ? 1 : 0;
  }
  return code;
}

/** What is at a path, a link at its end followed. */
function at(path: string, found: Found): PathState | undefined {
  const now = found.get(stat(path));
  if (now.type !== 'link') return now.type === 'absent' ? undefined : now;
  const real = found.get(realPath(path));
  const there = real === null ? undefined : found.get(stat(real));
  return there === undefined || there.type === 'absent' ? undefined : there;
}

function isExecutable({ mode }: PathState): boolean {
  return (Number.parseInt(mode, 8) & 0o111) !== 0;
}
