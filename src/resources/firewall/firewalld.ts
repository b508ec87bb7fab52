import * as v from 'valibot';
import { predict, settled, type Change, type Found, type Options, type Plan, type Step } from '../../contract/index.ts';
import { defineResource } from '../../playbook/index.ts';
import { flag, text } from '../kit/schemas.ts';
import { toolNeed } from '../kit/tool-need.ts';
import { firewalldHas, firewalldSubject } from './firewalld.probe.ts';

const line = (description: string) => v.optional(v.pipe(text(description), v.regex(/^\P{Cc}+$/u, 'must be one line')));
const portNumber = (description: string) =>
  v.pipe(v.string(), v.regex(/^\d{1,5}(?:-\d{1,5})?$/, 'must be a port, such as 80'), v.description(description));

const options = {
  zone: v.optional(
    v.pipe(
      text("The zone. Default: firewalld's default zone."),
      v.regex(/^\w[\w/-]*$/, 'must be the name of a zone, such as public'),
    ),
  ),
  service: line('A service, as listed by `firewall-cmd --get-services`: `https`.'),
  port: line('A port or range with its protocol: `8443/tcp`, `6000-6010/udp`.'),
  protocol: line('A protocol: `ospf`.'),
  richRule: line('A rule in firewalld\'s rich language: `rule family="ipv4" source address="10.0.0.0/8" accept`.'),
  source: line('Source addresses that belong to the zone.'),
  interface: line('An interface that belongs to this zone, and to no other.'),
  icmpBlock: line('An ICMP type to block.'),
  icmpBlockInversion: flag('Set `icmp-block-inversion`: only the listed ICMP types are let in.', false),
  masquerade: flag('Set masquerading.', false),
  forward: flag('Set forwarding between interfaces and sources of the zone.', false),
  portForward: v.optional(
    v.pipe(
      v.strictObject({
        port: portNumber('The port to forward, or a range.'),
        proto: v.pipe(v.picklist(['tcp', 'udp', 'sctp', 'dccp']), v.description('Its protocol.')),
        toport: v.optional(portNumber('The destination port. Default: the same port.')),
        toaddr: v.optional(
          v.pipe(
            v.string(),
            v.regex(/^[0-9A-Fa-f.:]+$/, 'must be an address'),
            v.description('The destination host. Default: this one.'),
          ),
        ),
      }),
      v.description("A forwarded port: `{ port: '443', proto: 'tcp', toport: '8443', toaddr: '10.0.0.2' }`."),
    ),
  ),
  permanent: flag('Change the permanent configuration, which takes effect with the next start or reload.', false),
  immediate: v.optional(
    v.pipe(v.boolean(), v.description('Change the running configuration. Default: yes, unless `permanent`.')),
  ),
  timeout: v.optional(
    v.pipe(
      v.number(),
      v.integer(),
      v.minValue(0),
      v.description('Seconds after which a change to the running configuration expires; 0, the default, for never.'),
    ),
    0,
  ),
  state: v.pipe(v.picklist(['enabled', 'disabled']), v.description('Whether the zone should have it.')),
};

type Given = Options<typeof options>;

interface Wanted {
  readonly zone: string;
  /** `service=ssh`, `masquerade`. */
  readonly what: string;
  readonly places: readonly ('now' | 'permanent')[];
  readonly timeout: number;
  readonly shall: boolean;
}

interface FirewalldResult {
  /** The zone; empty for the default one. */
  readonly zone: string;
}

/** Something in a zone of firewalld. */
export const firewalld = defineResource({
  name: 'firewalld',
  summary:
    'What a firewalld zone lets in: a service, a port, a source, a rich rule; in the running configuration or from the next start on. Changes to the running configuration are confirmed by a new login, else put back.',
  options,
  example: `firewalld({ zone: 'public', service: 'https', permanent: true, immediate: true, state: 'enabled' })`,
  validateOptions(given) {
    const named = wordsOf(given);
    if (named.length !== 1) return 'give one of `service`, `port`, `richRule` and the like, each in a task of its own';
    if (given.immediate === false && !given.permanent) return '`immediate: false` needs `permanent: true`';
    return given.timeout > 0 && (given.permanent || given.state === 'disabled')
      ? "`timeout` is only for what is enabled temporarily: not with `permanent` or state 'disabled'"
      : undefined;
  },
  title: (given) => `${wordsOf(given).join(' ')}${given.zone === undefined ? '' : ` in ${given.zone}`}`,
  prepare: (given): Wanted => ({
    zone: given.zone ?? '',
    what: wordsOf(given)[0] ?? '',
    places: [
      ...(given.permanent ? ['permanent' as const] : []),
      ...((given.immediate ?? !given.permanent) ? ['now' as const] : []),
    ],
    timeout: given.timeout,
    shall: given.state === 'enabled',
  }),
  probes: ({ zone, what, places }) => places.map((place) => firewalldHas(place, zone, what)),
  plan,
});

/** What it is about, in words of firewall-cmd(1). */
function wordsOf(given: Partial<Given>): string[] {
  const { portForward } = given;
  const forward =
    portForward &&
    ['port', 'proto', 'toport', 'toaddr']
      .flatMap((key) => {
        const value = Object.entries(portForward).find(([name]) => name === key)?.[1];
        return value === undefined ? [] : [`${key}=${value}`];
      })
      .join(':');
  const values = {
    'service': given.service,
    'port': given.port,
    'protocol': given.protocol,
    'rich-rule': given.richRule,
    'source': given.source,
    'interface': given.interface,
    'icmp-block': given.icmpBlock,
    'forward-port': forward,
  };
  return [
    ...Object.entries(values).flatMap(([word, value]) => (value === undefined ? [] : [`${word}=${value}`])),
    ...(given.icmpBlockInversion === true ? ['icmp-block-inversion'] : []),
    ...(given.masquerade === true ? ['masquerade'] : []),
    ...(given.forward === true ? ['forward'] : []),
  ];
}

function plan(wanted: Wanted, found: Found): Plan<FirewalldResult> {
  const { zone, what, places, timeout, shall } = wanted;
  const questions = places.map((place) => firewalldHas(place, zone, what));
  found.need(...questions);
  const changes: Change[] = [];
  const steps: Step[] = [];
  for (const [i, place] of places.entries()) {
    const question = questions[i];
    if (question === undefined) continue;
    const answer = found.get(question);
    found.require(answer !== 'no firewalld', toolNeed('firewall-cmd', 'firewalld'));
    found.require(answer !== 'not running', {
      failure: 'firewalld is not running',
      hint: "Start it before: systemd({ name: 'firewalld', state: 'started' })",
      by: 'changes',
    });
    found.require(typeof answer === 'string', {
      failure: `firewalld refuses ${what}: ${typeof answer === 'string' ? '' : answer.refused}`,
      by: 'changes',
    });
    if ((answer === 'yes') === shall) continue;
    const when = place === 'now' ? 'now' : 'from the next start on';
    changes.push({ what: `${what} ${when}`, from: shall ? 'no' : 'yes', to: shall ? 'yes' : 'no' });
    // An interface belongs to one zone.
    const verb = !shall ? 'remove' : what.startsWith('interface=') ? 'change' : 'add';
    const args = [
      ...(place === 'now' ? [] : ['--permanent']),
      ...(zone === '' ? [] : [`--zone=${zone}`]),
      `--${verb}-${what}`,
      ...(place === 'now' && timeout > 0 ? [`--timeout=${timeout}`] : []),
    ];
    steps.push({ script: 'LC_ALL=C firewall-cmd -q "$@"', args, label: `firewall-cmd ${args.join(' ')}` });
  }
  if (changes.length === 0) return settled({ zone });
  return {
    ...settled({ zone }),
    changes,
    steps,
    after: questions.map((question) => predict(question, shall ? 'yes' : 'no')),
    touches: [firewalldSubject, { on: 'path', path: '/etc/firewalld' }],
    ...(places.includes('now') ? { closes: [{ by: 'firewall' as const }] } : {}),
  };
}
