import { programUnit, unitName } from '../../probes/index.ts';

const verbs = new Set(
  'start stop restart reload try-restart reload-or-restart try-reload-or-restart force-reload kill enable disable reenable mask unmask'.split(
    ' ',
  ),
);
const programVerbs = new Set(['start', 'stop', 'restart', 'signal', 'remove']);
/** Options of systemctl(1) and supervisorctl whose value is a word of its own. */
const withValue = [
  '-c',
  '-u',
  '-H',
  '-M',
  '-n',
  '-o',
  '-p',
  '-s',
  '-t',
  '--host',
  '--machine',
  '--signal',
  '--job-mode',
];

/**
 * The units that a command plainly starts, stops or switches otherwise: by systemctl, service, invoke-rc.d or
 * supervisorctl, also in shell text. What it does by other ways, or by names that are made only in it, is not seen.
 *
 * @example switchedUnits(['systemctl', 'restart', 'nginx'])  // ['nginx.service']
 */
export function switchedUnits(argv: readonly string[]): string[] {
  const commands = argv[1] === '-c' && argv.length === 3 ? simpleCommands(argv[2] ?? '') : [argv];
  return [...new Set(commands.flatMap(unitsOf))].filter((name) => /^[A-Za-z0-9:_.\\@-]+$/.test(name)).map(unitName);
}

/** Shell text by its simple commands, roughly: what stands between separators, in words. */
function simpleCommands(text: string): string[][] {
  return text.split(/[;&|()\n]/).map((part) =>
    part
      .trim()
      .split(/\s+/)
      .map((word) => word.replace(/^(["'])(.*)\1$/, '$2')),
  );
}

/** Words before the program, such as `sudo`, `if` or `exec`, are passed over. */
function unitsOf(words: readonly string[]): string[] {
  const at = words.findIndex((word) => /^(?:\/\S*\/)?(?:systemctl|service|invoke-rc\.d|supervisorctl)$/.test(word));
  const program = words[at]?.split('/').at(-1);
  const rest = words
    .slice(at + 1)
    .filter((word, i, all) => !word.startsWith('-') && !withValue.includes(all[i - 1] ?? ''));
  if (program === undefined) return [];
  const [first = '', second = '', ...more] = rest;
  if (program === 'supervisorctl')
    return programVerbs.has(first) ? [second, ...more].flatMap((word) => programsOf(word)) : [];
  if (program === 'systemctl') return verbs.has(first) ? [second, ...more].filter((word) => word !== '') : [];
  return verbs.has(second) ? [first] : [];
}

/** `PROGRAM:PROCESS` is told by its program; which programs `all` are is not seen. */
function programsOf(word: string): string[] {
  const [program = ''] = word.split(':');
  return program === '' || program === 'all' ? [] : [programUnit(program)];
}
