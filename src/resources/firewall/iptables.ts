import * as v from 'valibot';
import {
  predict,
  settled,
  type Change,
  type Found,
  type Plan,
  type Prediction,
  type Step,
} from '../../contract/index.ts';
import { defineResource } from '../../playbook/index.ts';
import { flag, text } from '../kit/schemas.ts';
import { toolNeed } from '../kit/tool-need.ts';
import { ruleOptions, ruleWords } from './iptables-words.ts';
import { iptablesChain, iptablesRule, iptablesSubject, type IptablesAnswer, type IpVersion } from './iptables.probe.ts';

interface Wanted {
  readonly version: IpVersion;
  readonly table: string;
  readonly chain: string;
  readonly state: 'present' | 'absent';
  readonly action: 'append' | 'insert';
  readonly ruleNum: number | undefined;
  readonly rule: readonly string[];
  readonly policy: string | undefined;
  readonly flush: boolean;
  readonly managesChain: boolean;
}

interface IptablesResult {
  /** The rule, as iptables(8) writes it. */
  readonly rule: string;
}

/** A rule of iptables. */
export const iptables = defineResource({
  name: 'iptables',
  summary:
    "A rule in the kernel's firewall, a chain or its policy, set with iptables; it lasts until the next boot, because iptables stores nothing. Changes are confirmed by a new login, else put back. `nftables` and `ufw` survive a reboot.",
  options: {
    table: v.optional(
      v.pipe(v.picklist(['filter', 'nat', 'mangle', 'raw', 'security']), v.description('The table. Default `filter`.')),
      'filter',
    ),
    chain: v.pipe(
      text('The chain: `INPUT`, `FORWARD`, or one of your own.'),
      v.regex(/^[\w.-]{1,28}$/, 'must be the name of a chain'),
      v.regex(/^[^-]/, 'must be the name of a chain'),
    ),
    ipVersion: v.optional(
      v.pipe(
        v.picklist(['ipv4', 'ipv6']),
        v.description("Which protocol's packets; a task is about one of them. Default `ipv4`."),
      ),
      'ipv4',
    ),
    state: v.optional(
      v.pipe(v.picklist(['present', 'absent']), v.description('Whether the rule should exist. Default `present`.')),
      'present',
    ),
    action: v.optional(
      v.pipe(
        v.picklist(['append', 'insert']),
        v.description(
          'Where a new rule goes: at the end or the beginning. An existing rule is not moved. Default `append`.',
        ),
      ),
      'append',
    ),
    ruleNum: v.optional(
      v.pipe(
        v.number(),
        v.integer(),
        v.minValue(1),
        v.description('With `action: insert`: the position of a new rule.'),
      ),
    ),
    ...ruleOptions,
    policy: v.optional(
      v.pipe(
        v.picklist(['ACCEPT', 'DROP', 'QUEUE', 'RETURN']),
        v.description('Policy of the chain: what happens to packets that no rule matches. Instead of a rule.'),
      ),
    ),
    flush: flag('Delete all rules of the chain. Instead of a rule.', false),
    chainManagement: flag(
      'Create the chain if it does not exist; without a rule, and with `absent`, remove it once it is empty.',
      false,
    ),
  },
  example: `iptables({ chain: 'INPUT', protocol: 'tcp', destinationPort: '8443', jump: 'ACCEPT', comment: 'api' })`,
  validateOptions(given) {
    const isRule = ruleWords(given).length > 0;
    const others = [given.policy !== undefined && 'policy', given.flush && 'flush'].filter((one) => one !== false);
    if (others.length > 1 || (isRule && others.length > 0))
      return `give a rule, \`policy\` or \`flush\`, each in a task of its own`;
    if (!isRule && others.length === 0 && !given.chainManagement) return 'give a rule: what it matches, and `jump`';
    if (given.ruleNum !== undefined && given.action !== 'insert') return '`ruleNum` needs `action: insert`';
    if (given.jump !== undefined && given.goto !== undefined) return 'give either `jump` or `goto`';
    return given.matchSetFlags !== undefined && given.matchSet === undefined
      ? '`matchSetFlags` need `matchSet`'
      : undefined;
  },
  title: (given) =>
    `${given.chain ?? ''} ${given.policy ?? (given.flush === true ? 'flush' : ruleWords(given).join(' '))}`.trim(),
  prepare: (given): Wanted => ({
    version: given.ipVersion,
    table: given.table,
    chain: given.chain,
    state: given.state,
    action: given.action,
    ruleNum: given.ruleNum,
    rule: ruleWords(given),
    policy: given.policy,
    flush: given.flush,
    managesChain: given.chainManagement,
  }),
  probes: (wanted) => [chainOf(wanted), ...(wanted.rule.length === 0 ? [] : [ruleOf(wanted)])],
  plan,
});

const chainOf = ({ version, table, chain }: Wanted) => iptablesChain(version, table, chain);
const ruleOf = ({ version, table, chain, rule }: Wanted) => iptablesRule(version, table, chain, rule);

type There = Extract<IptablesAnswer, { readonly is: 'there' }>;
const there = { is: 'there', policy: '-', rules: 0 } as const;
const missing = { is: 'missing' } as const;

// One that is there several times goes as often.
const script = `tool=$1 table=$2; shift 2
LC_ALL=C "$tool" -w -t "$table" "$@" || exit
[ "$1" = -D ] || exit 0
while shift && "$tool" -w -t "$table" -C "$@" 2>/dev/null; do set -- -D "$@"; "$tool" -w -t "$table" "$@" || exit; done
:`;

function plan(wanted: Wanted, found: Found): Plan<IptablesResult> {
  const { version, table, chain, state, rule, policy, flush, managesChain } = wanted;
  const result = { rule: rule.join(' ') };
  const answer = found.get(chainOf(wanted));
  if (answer.is === 'no iptables' && state === 'absent') return settled(result);
  found.require(answer.is !== 'no iptables', toolNeed('iptables', 'iptables'));
  found.require(answer.is !== 'refused', {
    failure: `iptables cannot list the chain ${chain} of the table ${table}: ${answer.is === 'refused' ? answer.why : ''}`,
    by: 'changes',
  });
  const changes: Change[] = [];
  const steps: Step[] = [];
  const after: Prediction[] = [];
  const tool = version === 'ipv6' ? 'ip6tables' : 'iptables';
  const run = (...args: readonly string[]): void =>
    void steps.push({
      script,
      args: [tool, table, ...args],
      label: `${tool} -t ${table} ${args.join(' ')}`,
    });
  const done = (): Plan<IptablesResult> =>
    changes.length === 0
      ? settled(result)
      : {
          ...settled(result),
          changes,
          steps,
          after,
          touches: [iptablesSubject],
          closes: [{ by: 'firewall' }],
        };
  const isRule = rule.length > 0;
  if (answer.is === 'missing') {
    // One that is not there has no rules.
    if (state === 'absent' || (flush && !managesChain)) return settled(result);
    found.require(managesChain, {
      failure: `there is no chain ${chain} in the table ${table} of ${tool}`,
      hint: '`chainManagement: true` creates it.',
      by: 'changes',
    });
    changes.push({ what: `chain ${chain}`, from: 'absent', to: 'present' });
    run('-N', chain);
  }
  const now: There = answer.is === 'there' ? answer : there;
  if (flush) {
    if (now.rules > 0) {
      changes.push({ what: `rules of ${chain}`, from: String(now.rules), to: 'none' });
      run('-F', chain);
    }
    after.push(predict(chainOf(wanted), { ...now, rules: 0 }));
    return done();
  }
  if (policy !== undefined) {
    found.require(now.policy !== '-' && now.policy !== '', {
      failure: `${chain} has no policy: only built-in chains have one`,
      by: null,
    });
    if (now.policy !== policy) {
      changes.push({ what: `policy of ${chain}`, from: now.policy, to: policy });
      run('-P', chain, policy);
    }
    after.push(predict(chainOf(wanted), { ...now, policy }));
    return done();
  }
  if (!isRule) {
    if (state === 'absent') {
      found.require(now.rules === 0, {
        failure: `the chain ${chain} has ${now.rules} rules`,
        hint: `Empty it first: iptables({ chain: '${chain}', flush: true })`,
        by: 'changes',
      });
      changes.push({ what: `chain ${chain}`, from: 'present', to: 'absent' });
      run('-X', chain);
    }
    after.push(predict(chainOf(wanted), state === 'absent' ? missing : now));
    return done();
  }
  const told = answer.is === 'missing' ? missing : found.get(ruleOf(wanted));
  // Where there is no such chain, no rule jumps to it.
  const jumpsNowhere =
    told.is === 'refused' &&
    (state === 'absent' ? /^Chain '.*' does not exist/.test(told.why) : isAheadOf(wanted, found));
  const is = jumpsNowhere ? missing : told;
  found.require(is.is !== 'refused', {
    failure: `iptables refuses the rule: ${is.is === 'refused' ? is.why : ''}`,
    by: 'changes',
  });
  const has = is.is === 'there';
  if (has === (state === 'present')) {
    after.push(predict(chainOf(wanted), now));
    return done();
  }
  const shown = `-A ${chain} ${result.rule}`;
  changes.push({ what: 'rule', ...(has ? { from: shown, to: 'absent' } : { to: shown }) });
  run(...placeOf(wanted, has), ...rule);
  after.push(predict(ruleOf(wanted), has ? missing : there));
  after.push(predict(chainOf(wanted), { ...now, rules: now.rules + (has ? -1 : 1) }));
  return done();
}

function placeOf({ chain, action, ruleNum }: Wanted, has: boolean): string[] {
  if (has) return ['-D', chain];
  if (action === 'append') return ['-A', chain];
  return ['-I', chain, ...(ruleNum === undefined ? [] : [String(ruleNum)])];
}

/** Check mode: whether it jumps to a chain that is yet to be made. */
function isAheadOf({ version, table, rule }: Wanted, found: Found): boolean {
  const target = rule[rule.findIndex((one) => one === '-j' || one === '-g') + 1] ?? '';
  const planned = found.planned(iptablesChain(version, table, target));
  return planned?.is === 'there';
}
