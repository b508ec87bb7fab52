// The manual page, roff for man(7), from the definitions of the commands.

/**
 * @param commands what each takes, by the word that calls it; playbooks are called by the empty one
 * @param texts what each is for, in a few words
 * @param version of the package
 */
export function manPage(commands, texts, version) {
  const run = commands.get('');
  const shared = new Set(run.options.map(keyOf));
  const others = [...commands].filter(([name]) => name !== '').sort(([a], [b]) => (a < b ? -1 : 1));
  return [
    '.\\" Made by `npm run docs` from the definitions of the commands.',
    `.TH PLAY 1 "" "play ${version}" "User Commands"`,
    '.SH NAME',
    'play \\- typed, idempotent playbooks over SSH',
    '.SH SYNOPSIS',
    synopsis('play', run),
    '.br',
    '\\fBplay\\fR \\fICOMMAND\\fR [options] [arguments]',
    '.SH DESCRIPTION',
    text(
      "play brings hosts into the state that a playbook in TypeScript describes. With --check it changes nothing and says what would change. A playbook is named by its path, or by its name under the project's playbooks/. Hosts and variables are read from the project's inventory as Ansible reads them.",
    ),
    '.SH OPTIONS',
    'For runs of playbooks and, where it makes sense, for other commands too:',
    ...run.options.flatMap(option),
    '.SH COMMANDS',
    'Options from the list above that a command also takes are not repeated: \\fBplay\\fR \\fICOMMAND\\fR \\fB\\-\\-help\\fR lists all of them.',
    ...others.flatMap(([name, command]) => [
      `.SS "${quoted(`play ${name}`)}"`,
      synopsis(`play ${name}`, command),
      '.PP',
      text(command.text || texts.get(name) || ''),
      ...command.arguments.filter(({ text: meaning }) => meaning !== '').flatMap(argument),
      ...command.options.filter((one) => !shared.has(keyOf(one))).flatMap(option),
    ]),
    '.SH EXIT STATUS',
    ...[
      ['0', 'Success.'],
      ['1', 'Something was wrong before a host was touched.'],
      ['2', 'A host failed.'],
      ['3', 'Something would change (--check --exit-code), or differs.'],
      ['4', 'A host was unreachable.'],
      ['5', 'Something held was left alone.'],
      ['99', 'Interrupted, or standard output was lost.'],
      ['250', 'A bug in play itself.'],
    ].flatMap(([code, meaning]) => ['.TP', `\\fB${code}\\fR`, text(meaning)]),
    '.SH SIGNALS',
    ...[
      [
        'SIGQUIT (Ctrl-\\), SIGUSR1',
        'Prints on standard error what each host is doing, and the last line it printed. The run goes on.',
      ],
      ['SIGTSTP (Ctrl-Z)', 'Leaves the run, which goes on in the background. play resume comes back to it.'],
      ['SIGINT (Ctrl-C), SIGTERM', 'Finishes what is being written, then stops. A second one leaves at once.'],
    ].flatMap(([name, meaning]) => ['.TP', `\\fB${roff(name)}\\fR`, text(meaning)]),
    '.SH ENVIRONMENT',
    ...[
      ['NO_COLOR', 'No colours, if it is not empty.'],
      ['FORCE_COLOR', 'Colours even if the output is not a terminal.'],
      ['TERM', 'With dumb there are no colours, and no lines are redrawn.'],
      ['CI', 'If it is set, nothing is redrawn.'],
      ['PLAY_NO_TYPECHECK', 'With 1, as --no-typecheck.'],
      ['PLAY_SANDBOX_FLEET', 'Which set of throwaway hosts --sandbox uses.'],
      ['XDG_STATE_HOME', 'Where records of runs are kept, in play/ (~/.local/state).'],
    ].flatMap(([name, meaning]) => ['.TP', `\\fB${name}\\fR`, text(meaning)]),
    '.SH FILES',
    ...[
      ['play.config.ts', 'The settings of a project.'],
      ['inventory/, group_vars/, host_vars/', 'Its hosts and their variables.'],
      ['playbooks/, roles/, runbooks/', 'What is run.'],
    ].flatMap(([name, meaning]) => ['.TP', `\\fI${roff(name)}\\fR`, text(meaning)]),
    '.SH SEE ALSO',
    '\\fBssh\\fR(1), \\fBansible\\-playbook\\fR(1)',
    '',
  ].join('\n');
}

const keyOf = ({ names, text: meaning }) => `${names.join(' ')} ${meaning}`;

function synopsis(name, command) {
  const parts = command.arguments.map(({ name: word, isRequired, isVariadic }) => {
    const shown = `\\fI${roff(word)}\\fR${isVariadic ? '...' : ''}`;
    return isRequired ? shown : `[${shown}]`;
  });
  return [`\\fB${roff(name)}\\fR`, '[options]', ...parts].join(' ');
}

function option({ names, value, text: meaning }) {
  const shown = names.map((name) => `\\fB${roff(name)}\\fR`).join(', ');
  return ['.TP', `${shown}${value === undefined ? '' : ` ${roff(value)}`}`, text(meaning)];
}

const argument = ({ name, text: meaning }) => ['.TP', `\\fI${roff(name)}\\fR`, text(meaning)];

/** A hyphen is one that can be copied; a line that begins with a dot or a quote would be a request. */
const roff = (words) => words.replaceAll('\\', '\\e').replaceAll('-', '\\-');
const quoted = (words) => roff(words).replaceAll('"', '\\(dq');
const text = (words) =>
  roff(words)
    .split('\n')
    .map((line) => line.replace(/^([.'])/, '\\&$1'))
    .join('\n');
