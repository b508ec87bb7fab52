import { ProbeFailure, type ProbeKind, type Question } from '../../contract/index.ts';

/** A service as the host's init system tells it. */
export interface ServiceFact {
  /** Its name: `cron.service`. */
  readonly name: string;
  /** Whether it runs; one that ran to its end is `stopped`. */
  readonly state: 'running' | 'stopped';
  /** Whether it starts at boot: `enabled`, `disabled`, `static` ... `masked`, `failed` and `not-found` go before that. */
  readonly status: string;
  /** Whose word it is: `systemd`. */
  readonly source: string;
}

// Units in memory: name, load state, active state, sub state. Then unit files: name, state.
const kind: ProbeKind<readonly ServiceFact[] | 'no systemd'> = {
  kind: 'service-list',
  arity: 1,
  sh: `[ -d /run/systemd/system ] || { echo none; exit 0; }
systemctl list-units --all --plain --no-legend --full --type=service && echo files && systemctl list-unit-files --no-legend --full --type=service && echo end`,
  decode(stdout, questions, stderr) {
    const lines = stdout.toString('utf8').trimEnd().split('\n');
    const middle = lines.indexOf('files');
    const answer =
      lines[0] === 'none'
        ? ('no systemd' as const)
        : middle < 0 || lines.at(-1) !== 'end'
          ? new ProbeFailure(`systemd does not list its services: ${stderr.trim()}`)
          : servicesIn(lines.slice(0, middle), lines.slice(middle + 1, -1));
    return questions.map(() => answer);
  },
  depends: () => [{ on: 'everything' }],
};

function servicesIn(units: readonly string[], files: readonly string[]): ServiceFact[] {
  const services = new Map<string, ServiceFact>();
  for (const line of units) {
    const [name = '', load = '', active = '', sub = ''] = line.trim().split(/\s+/);
    const bad = [load, active].find((word) => ['not-found', 'masked', 'failed'].includes(word));
    const state = sub === 'running' ? 'running' : 'stopped';
    services.set(name, { name, state, status: bad ?? active, source: 'systemd' });
  }
  for (const line of files) {
    const [name = '', status = ''] = line.trim().split(/\s+/);
    const now = services.get(name);
    if (now === undefined) services.set(name, { name, state: 'stopped', status, source: 'systemd' });
    else if (!['not-found', 'masked', 'failed'].includes(now.status)) services.set(name, { ...now, status });
  }
  return [...services.values()].toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

/** All services, those that are not in memory too. */
export const serviceList: Question<readonly ServiceFact[] | 'no systemd'> = { kind, args: [''] };
