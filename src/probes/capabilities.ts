import { ProbeFailure, type ProbeKind, type Question } from '../contract/index.ts';

/** The file capabilities of a path as getcap(8) prints them: `cap_net_raw=ep`; empty for none. */
export type Capabilities = { readonly text: string } | { readonly missing: 'getcap' };

// getcap leaves out what has none. Older ones print `PATH = CAPS`, newer ones `PATH CAPS`.
const kind: ProbeKind<Capabilities> = {
  kind: 'capabilities',
  arity: 1,
  sh: `command -v getcap >/dev/null || { printf 'none\\0'; exit 0; }
xargs -0 sh -c 'for p do getcap "$p" 2>/dev/null; printf "\\0"; done' sh`,
  decode(stdout, questions) {
    const parts = stdout.toString('utf8').split('\0');
    if (parts[0] === 'none') return questions.map(() => ({ missing: 'getcap' }));
    return questions.map(([path = ''], i) => {
      const said = (parts[i] ?? '').replace(/\n$/, '');
      if (said === '') return { text: '' };
      return said.startsWith(`${path} `)
        ? { text: said.slice(path.length).replace(/^\s+(?:=\s+)?/, '') }
        : new ProbeFailure(`getcap said: ${said.slice(0, 200)}`);
    });
  },
  depends: ([path = '']) => [{ on: 'path', path }, { on: 'below', path }, { on: 'packages' }],
  absent: { text: '' },
};

/** The capabilities of a file. */
export function fileCapabilities(path: string): Question<Capabilities> {
  return { kind, args: [path] };
}
