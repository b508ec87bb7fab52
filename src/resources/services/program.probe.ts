import { ProbeFailure, type ProbeKind, type Question, type Subject } from '../../contract/index.ts';

/** Programs that supervisor runs. */
export const supervisorSubject: Subject = { on: 'named', name: 'supervisor' };

/** What supervisord says of a program; an empty state: it knows none of that name. */
export type ProgramState = { readonly is: 'no tool' } | { readonly is: 'known'; readonly state: string };

const kind: ProbeKind<ProgramState> = {
  kind: 'supervisor-program',
  arity: 1,
  sh: `command -v supervisorctl >/dev/null 2>&1 && supervisorctl pid >/dev/null 2>&1 || { echo none; exit 0; }
supervisorctl status`,
  decode(stdout, questions) {
    const lines = stdout.toString('utf8').split('\n');
    if (lines[0] === 'none') return questions.map(() => ({ is: 'no tool' }));
    const states = new Map(
      lines.map((line): [string, string] => {
        const [name = '', state = ''] = line.split(/\s+/);
        return [name.split(':')[0] ?? '', state];
      }),
    );
    return questions.map(([name = '']) =>
      /^error|refused|no such file/i.test(lines[0] ?? '')
        ? new ProbeFailure(lines[0] ?? '')
        : { is: 'known', state: states.get(name) ?? '' },
    );
  },
  depends: () => [supervisorSubject, { on: 'packages' }, { on: 'unit', unit: 'supervisor.service' }],
};

/** The state of a program under supervisord. */
export function programState(name: string): Question<ProgramState> {
  return { kind, args: [name] };
}
