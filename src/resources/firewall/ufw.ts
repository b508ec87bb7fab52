import * as v from 'valibot';
import {
  predict,
  settled,
  type Change,
  type Found,
  type Options,
  type Plan,
  type Prediction,
  type Step,
} from '../../contract/index.ts';
import { defineResource } from '../../playbook/index.ts';
import { flag, text } from '../kit/schemas.ts';
import { ufwFiles, ufwRule, ufwState, ufwSubject, type UfwPolicy, type UfwState } from './ufw.probe.ts';

const word = (description: string) =>
  v.pipe(text(description), v.regex(/^[^\s\p{Cc}-][^\s\p{Cc}]*$/u, 'must be one word'));
const directions = ['in', 'incoming', 'out', 'outgoing', 'routed'] as const;

const options = {
  state: v.optional(
    v.pipe(
      v.picklist(['enabled', 'disabled', 'reloaded']),
      v.description(
        'Whether the firewall is active, now and after a reboot; `reloaded` reads its files again every time. Default: as it is.',
      ),
    ),
  ),
  default: v.optional(
    v.pipe(
      v.picklist(['allow', 'deny', 'reject']),
      v.description('The default policy for the `direction`. Default: as it is.'),
    ),
  ),
  direction: v.optional(
    v.pipe(
      v.picklist(directions),
      v.description('Direction of a rule or of the `default`: `in` and `incoming` are the same. Default `in`.'),
    ),
  ),
  logging: v.optional(
    v.pipe(
      v.picklist(['on', 'off', 'low', 'medium', 'high', 'full']),
      v.description('Log level; `on` is `low`. Default: as it is.'),
    ),
  ),
  rule: v.optional(
    v.pipe(
      v.picklist(['allow', 'deny', 'limit', 'reject']),
      v.description(
        'A rule: what to do with packets that match the other options. `limit` denies addresses that connect too often.',
      ),
    ),
  ),
  fromIp: v.optional(word('Source: an address or a network. Default `any`.'), 'any'),
  fromPort: v.optional(word('The source port.')),
  toIp: v.optional(word('Destination: an address or a network. Default `any`.'), 'any'),
  toPort: v.optional(word('The destination port: `22`, `80,443` or `6000:6010`; the latter two need a `proto`.')),
  proto: v.optional(
    v.pipe(
      v.picklist(['any', 'tcp', 'udp', 'ipv6', 'esp', 'ah', 'gre', 'igmp', 'vrrp']),
      v.description('Its protocol. Default: any.'),
    ),
  ),
  name: v.optional(text('An application instead of ports, as listed by `ufw app list`: `OpenSSH`.')),
  interface: v.optional(word('The incoming or outgoing interface, depending on `direction`.')),
  interfaceIn: v.optional(word('The incoming interface of routed packets.')),
  interfaceOut: v.optional(word('The outgoing interface of routed packets.')),
  route: flag('The rule is about routed packets, which only pass through the host.', false),
  log: flag('Log new connections that match.', false),
  insert: v.optional(
    v.pipe(
      v.number(),
      v.integer(),
      v.minValue(1),
      v.description('The position of a new rule. An existing rule is not moved. Default: the last.'),
    ),
  ),
  comment: v.optional(
    v.pipe(
      text('A comment on the rule.'),
      v.regex(/^[^'\p{Cc}]*$/u, "must be one line without ': ufw accepts no others"),
    ),
  ),
  delete: flag('The rule should not exist.', false),
};

type Given = Options<typeof options>;

interface Wanted {
  readonly state: Given['state'];
  readonly policy: UfwPolicy | undefined;
  readonly chain: 'incoming' | 'outgoing' | 'routed';
  readonly logging: string | undefined;
  readonly rule: readonly string[] | undefined;
  readonly isDelete: boolean;
}

interface UfwResult {
  /** The rule, as ufw(8) writes it; empty for none. */
  readonly rule: string;
}

/** The firewall of ufw. */
export const ufw = defineResource({
  name: 'ufw',
  summary:
    'The firewall ufw: a rule, its defaults, whether it is active. Changes to an active firewall are confirmed by a new login, else put back.',
  options,
  example: `ufw({ rule: 'allow', toPort: '22', proto: 'tcp' });
ufw({ state: 'enabled', default: 'deny' })`,
  validateOptions(given) {
    const { rule, state, logging, direction, route, interface: by, interfaceIn, interfaceOut } = given;
    const ofRule = (
      ['fromPort', 'toPort', 'proto', 'name', 'interface', 'interfaceIn', 'interfaceOut', 'insert', 'comment'] as const
    )
      .filter((name) => given[name] !== undefined)
      .concat(...((['route', 'log', 'delete'] as const).filter((name) => given[name]) as never[]));
    if (rule === undefined && ofRule.length > 0) return `\`${ofRule[0]}\` needs a \`rule\``;
    if (rule === undefined && given.default === undefined && state === undefined && logging === undefined)
      return 'give a `rule`, `default`, `state` or `logging`';
    if (rule !== undefined && direction === 'routed')
      return '`direction` of a rule is `in` or `out`; give `route` for what is routed';
    if (by !== undefined && direction === undefined) return '`interface` needs the `direction`';
    if (by !== undefined && (interfaceIn ?? interfaceOut) !== undefined)
      return 'give either `interface` or `interfaceIn` and `interfaceOut`';
    if (interfaceIn !== undefined && interfaceOut !== undefined && !route)
      return '`interfaceIn` and `interfaceOut` together belong to `route`';
    return given.delete && given.insert !== undefined ? '`insert` does not go with `delete`' : undefined;
  },
  title: (given) => titleOf(given),
  prepare: (given): Wanted => ({
    state: given.state,
    policy: given.default,
    chain: chainOf(given.direction),
    logging: given.logging === 'on' ? 'low' : given.logging,
    rule: given.rule === undefined ? undefined : ruleWords(given),
    isDelete: given.delete,
  }),
  probes: ({ rule }) => [ufwState, ...(rule === undefined ? [] : [ufwRule(rule)])],
  plan,
});

function titleOf({ rule, toPort, name, state, default: policy, logging }: Partial<Given>): string {
  if (rule !== undefined) return [rule, toPort ?? name].filter((one) => one !== undefined).join(' ');
  return [
    state,
    policy === undefined ? undefined : `default ${policy}`,
    logging === undefined ? undefined : `logging ${logging}`,
  ]
    .filter((one) => one !== undefined)
    .join(', ');
}

function chainOf(direction: Given['direction']): Wanted['chain'] {
  if (direction === 'routed') return 'routed';
  return direction === 'out' || direction === 'outgoing' ? 'outgoing' : 'incoming';
}

/** A rule in the long syntax of ufw(8). */
function ruleWords(given: Given): string[] {
  const { direction, interface: by } = given;
  const way = direction === undefined ? undefined : chainOf(direction) === 'outgoing' ? 'out' : 'in';
  const ways: readonly (readonly [string, string | undefined])[] =
    by === undefined && (given.interfaceIn ?? given.interfaceOut) !== undefined
      ? [
          ['in', given.interfaceIn],
          ['out', given.interfaceOut],
        ]
      : way === undefined
        ? []
        : [[way, by]];
  return [
    ...(given.route ? ['route'] : []),
    ...(given.delete ? ['delete'] : []),
    ...(given.insert === undefined ? [] : ['insert', String(given.insert)]),
    given.rule ?? 'allow',
    ...ways.flatMap(([where, name]) => (name === undefined ? (ways.length > 1 ? [] : [where]) : [where, 'on', name])),
    ...(given.log ? ['log'] : []),
    'from',
    given.fromIp,
    ...(given.fromPort === undefined ? [] : ['port', given.fromPort]),
    'to',
    given.toIp,
    ...(given.toPort === undefined ? [] : ['port', given.toPort]),
    ...(given.name === undefined ? [] : ['app', given.name]),
    ...(given.proto === undefined || given.proto === 'any' ? [] : ['proto', given.proto]),
    ...(given.comment === undefined || given.delete ? [] : ['comment', given.comment]),
  ];
}

/** As Debian's package brings it. */
const fresh: UfwState = {
  isActive: false,
  isEnabled: false,
  incoming: 'deny',
  outgoing: 'allow',
  routed: 'deny',
  logging: 'low',
};

function plan(wanted: Wanted, found: Found): Plan<UfwResult> {
  const { state, policy, chain, logging, rule, isDelete } = wanted;
  const answer = found.get(ufwState);
  found.presume(answer !== 'no ufw', {
    failure: 'ufw is not installed',
    hint: "Install it first: apt({ name: 'ufw' })",
    by: 'changes',
    assume: 'ufw is installed, with the settings it comes with',
  });
  const now = answer === 'no ufw' ? fresh : answer;
  const changes: Change[] = [];
  const steps: Step[] = [];
  const after: Prediction[] = [];
  const run = (...args: readonly string[]): void =>
    void steps.push({
      script: '[ "$1" != enable ] || set -- --force enable; LC_ALL=C ufw "$@" </dev/null',
      args,
      label: `ufw ${args.join(' ')}`,
    });
  let then = now;
  if (rule !== undefined) {
    const there = ruleNow(rule, isDelete, found);
    if (there === isDelete) {
      const shown = addedBy(rule).join(' ');
      changes.push({ what: 'rule', ...(isDelete ? { from: shown, to: 'absent' } : { to: shown }) });
      run(...rule);
      after.push(predict(ufwRule(rule), isDelete ? 'missing' : 'there'));
      if (isDelete) after.push(predict(ufwRule(addedBy(rule)), 'missing'));
    }
  }
  if (policy !== undefined && policy !== now[chain]) {
    changes.push({ what: `default ${chain}`, from: now[chain], to: policy });
    run('default', policy, chain);
    then = { ...then, [chain]: policy };
  }
  if (logging !== undefined && logging !== now.logging) {
    changes.push({ what: 'logging', from: now.logging, to: logging });
    run('logging', logging);
    then = { ...then, logging };
  }
  const isOn = state === 'enabled';
  const isSwitched = (isOn || state === 'disabled') && (now.isActive !== isOn || now.isEnabled !== isOn);
  if (isSwitched) {
    const word = (is: boolean): string => (is ? 'enabled' : 'disabled');
    const what = now.isActive === isOn ? 'after a reboot' : 'state';
    changes.push({ what, from: word(!isOn), to: word(isOn) });
    run(isOn ? 'enable' : 'disable');
    then = { ...then, isActive: isOn, isEnabled: isOn };
  }
  const isReload = state === 'reloaded' && now.isActive;
  if (isReload) {
    changes.push({ what: 'state', to: 'reloaded' });
    run('reload');
  }
  const result = { rule: rule?.join(' ') ?? '' };
  if (changes.length === 0) return settled(result);
  return {
    ...settled(result),
    changes,
    steps,
    after: [...after, predict(ufwState, then)],
    touches: [ufwSubject, ...ufwFiles.map((path) => ({ on: 'path' as const, path }))],
    ...(now.isActive || isOn ? { closes: [{ by: 'firewall' as const }] } : {}),
    ...(isReload ? { again: true, always: true } : {}),
  };
}

/** The rule that one with `delete` takes away. */
const addedBy = (rule: readonly string[]): string[] => rule.filter((one) => one !== 'delete');

function ruleNow(rule: readonly string[], isDelete: boolean, found: Found): boolean {
  const answer = found.get(ufwRule(rule));
  // One that another task of this run makes, or takes away.
  if (isDelete && found.planned(ufwRule(addedBy(rule))) === 'there') return true;
  if (typeof answer === 'string') return answer === 'there';
  found.require(false, {
    failure: `ufw refuses the rule ${rule.join(' ')}: ${answer.refused}`,
    by: 'changes',
  });
  return false;
}
