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
      text('The zone. Default: the one that firewalld has for default.'),
      v.regex(/^\w[\w/-]*$/, 'must be the name of a zone, such as public'),
    ),
  ),
  service: line('A service, as `firewall-cmd --get-services` has them: `https`.'),
  port: line('A port or a range, with its protocol: `8443/tcp`, `6000-6010/udp`.'),
  protocol: line('A protocol: `ospf`.'),
  richRule: line('A rule in firewalld\'s rich language: `rule family="ipv4" source address="10.0.0.0/8" accept`.'),
  source: line('Addresses that belong to the zone.'),
  interface: line('An interface that belongs to the zone, and to no other.'),
  icmpBlock: line('A kind of ICMP that is not let in.'),
  icmpBlockInversion: flag('It is about `icmp-block-inversion`: those kinds alone are let in.', false),
  masquerade: flag('It is about masquerading.', false),
  forward: flag('It is about forwarding between interfaces and sources of the zone.', false),
  portForward: v.optional(
    v.pipe(
      v.strictObject({
        port: portNumber('The port that is sent on, or a range.'),
        proto: v.pipe(v.picklist(['tcp', 'udp', 'sctp', 'dccp']), v.description('Its protocol.')),
        toport: v.optional(portNumber('Where to. Default: the same port.')),
        toaddr: v.optional(
          v.pipe(
            v.string(),
            v.regex(/^[0-9A-Fa-f.:]+$/, 'must be an address'),
            v.description('The host to send it to. Default: this one.'),
          ),
        ),
      }),
      v.description("A port that is sent on: `{ port: '443', proto: 'tcp', toport: '8443', toaddr: '10.0.0.2' }`."),
    ),
  ),
  permanent: flag('It is meant for later, from the next start or reload on.', false),
  immediate: v.optional(v.pipe(v.boolean(), v.description('It is meant for now. Default: yes, unless `permanent`.'))),
  timeout: v.optional(
    v.pipe(
      v.number(),
      v.integer(),
      v.minValue(0),
      v.description('Seconds until what is meant for now goes again; 0, the default, for never.'),
    ),
    0,
  ),
  state: v.pipe(v.picklist(['enabled', 'disabled']), v.description('Whether the zone shall have it.')),
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
    'What a zone of firewalld lets in: a service, a port, a source, a rich rule, now or from the next start on. What is for now is confirmed by a new login, else put back.',
  options,
  example: `firewalld({ zone: 'public', service: 'https', permanent: true, immediate: true, state: 'enabled' })`,
  validateOptions(given) {
    const named = wordsOf(given);
    if (named.length !== 1) return 'give one of `service`, `port`, `richRule` and the like, each in a task of its own';
    if (given.immediate === false && !given.permanent) return 'with `immediate: false` it has to be `permanent`';
    return given.timeout > 0 && (given.permanent || given.state === 'disabled')
      ? '`timeout` is for what is enabled for now alone'
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
      failure: 'firewalld does not run',
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
