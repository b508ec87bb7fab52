import * as v from 'valibot';
import { text } from '../kit/schemas.ts';

/** A value of a rule; a `!` before it turns it round. */
const value = (description: string) => v.optional(v.pipe(text(description), v.regex(/^\P{Cc}+$/u, 'must be one line')));
const list = (description: string) =>
  v.optional(
    v.pipe(v.array(v.pipe(v.string(), v.regex(/^[^\s,\p{Cc}]+$/u))), v.minLength(1), v.description(description)),
  );

/** What a rule is about and what it does: the options of Ansible's iptables. A `!` before a value turns it round. */
export const ruleOptions = {
  protocol: value('The protocol: `tcp`, `udp`, `icmp` ...'),
  source: value('Source: an address or a network. `!` before a value negates it, here and below.'),
  destination: value('Destination: an address or a network.'),
  inInterface: value('The incoming interface.'),
  outInterface: value('The outgoing interface.'),
  fragment: value('Value of `-f`, for fragments.'),
  match: list('Match extensions, beyond those that other options imply: `conntrack`, `comment` ...'),
  sourcePort: value('The source port, or a range `1:1023`.'),
  destinationPort: value('The destination port, or a range.'),
  destinationPorts: list('Destination ports, at most 15: `80`, `8000:8010`.'),
  ctstate: list('Connection states: `NEW`, `ESTABLISHED`, `RELATED` ...'),
  srcRange: value('A range of source addresses, `192.168.1.100-192.168.1.199`.'),
  dstRange: value('A range of destination addresses.'),
  matchSet: value('An ipset that must contain it.'),
  matchSetFlags: v.optional(
    v.pipe(
      v.picklist(['src', 'dst', 'src,dst', 'dst,src', 'src,src', 'dst,dst']),
      v.description('Which address of the packet is looked up in `matchSet`.'),
    ),
  ),
  icmpType: value('The ICMP type: `echo-request`.'),
  tcpFlags: v.optional(
    v.pipe(
      v.strictObject({
        flags: v.pipe(v.array(v.string()), v.description('The flags to examine: `SYN`, `ACK` ...')),
        flagsSet: v.pipe(v.array(v.string()), v.description('Those of them that must be set.')),
      }),
      v.description('TCP flags: which to examine, and which of them must be set.'),
    ),
  ),
  syn: v.optional(
    v.pipe(
      v.picklist(['ignore', 'match', 'negate']),
      v.description('Whether the packet begins a connection. Default `ignore`.'),
    ),
    'ignore',
  ),
  limit: value('Rate limit: `2/minute`.'),
  limitBurst: value('How many packets match before `limit` applies.'),
  uidOwner: value('The user whose process sends the packet.'),
  gidOwner: value('The group whose process sends the packet.'),
  comment: value('A comment on the rule.'),
  jump: value('The target: `ACCEPT`, `DROP`, `LOG`, another chain.'),
  goto: value('The chain to continue in.'),
  gateway: value('With `jump: TEE`: where copies are sent.'),
  logPrefix: value('With `jump: LOG`: prefix of log lines.'),
  logLevel: value('With `jump: LOG`: the log level, such as `warning`.'),
  toDestination: value('With `jump: DNAT`: the new address.'),
  toSource: value('With `jump: SNAT`: the new address.'),
  toPorts: value('With `jump: REDIRECT`: the new port.'),
  rejectWith: value('The error sent to the other side; implies `jump: REJECT`.'),
  setDscpMark: value('With `jump: DSCP`: the mark, `0x10`.'),
  setDscpMarkClass: value('With `jump: DSCP`: the class, `CS1`.'),
};

type RuleOptions = { readonly [K in keyof typeof ruleOptions]?: v.InferOutput<(typeof ruleOptions)[K]> };

/** A rule in words of iptables(8). */
export function ruleWords(given: RuleOptions): string[] {
  const words: string[] = [];
  const has = (name: string): boolean => given.match?.includes(name) === true;
  const put = (flag: string, text: string | undefined): void => {
    if (text === undefined) return;
    const [, turned, rest = text] = /^(!)?\s*(.*)$/.exec(text) ?? [];
    words.push(...(turned === undefined ? [] : ['!']), flag, rest);
  };
  // An extension that the options bring by themselves, unless it is named.
  const bring = (extension: string, isGiven: boolean): void => {
    if (isGiven && !has(extension)) words.push('-m', extension);
  };
  put('-p', given.protocol);
  put('-s', given.source);
  put('-d', given.destination);
  put('-i', given.inInterface);
  put('-o', given.outInterface);
  if (given.fragment !== undefined) words.push('-f');
  for (const one of given.match ?? []) words.push('-m', one);
  put('--sport', given.sourcePort);
  put('--dport', given.destinationPort);
  bring('multiport', given.destinationPorts !== undefined);
  put('--dports', given.destinationPorts?.join(','));
  if (given.tcpFlags !== undefined)
    words.push('--tcp-flags', given.tcpFlags.flags.join(','), given.tcpFlags.flagsSet.join(','));
  if (given.syn === 'match') words.push('--syn');
  if (given.syn === 'negate') words.push('!', '--syn');
  put('--icmp-type', given.icmpType);
  bring('conntrack', given.ctstate !== undefined && !has('state'));
  put(has('state') && !has('conntrack') ? '--state' : '--ctstate', given.ctstate?.join(','));
  bring('iprange', (given.srcRange ?? given.dstRange) !== undefined);
  put('--src-range', given.srcRange);
  put('--dst-range', given.dstRange);
  bring('set', given.matchSet !== undefined);
  if (given.matchSet !== undefined) {
    put('--match-set', given.matchSet);
    words.push(given.matchSetFlags ?? 'src');
  }
  bring('limit', (given.limit ?? given.limitBurst) !== undefined);
  put('--limit', given.limit);
  put('--limit-burst', given.limitBurst);
  bring('owner', (given.uidOwner ?? given.gidOwner) !== undefined);
  put('--uid-owner', given.uidOwner);
  put('--gid-owner', given.gidOwner);
  bring('comment', given.comment !== undefined);
  if (given.comment !== undefined) words.push('--comment', given.comment);
  if (given.jump !== undefined) words.push('-j', given.jump);
  else if (given.rejectWith !== undefined) words.push('-j', 'REJECT');
  if (given.goto !== undefined) words.push('-g', given.goto);
  for (const [flag, name] of targets) if (given[name] !== undefined) words.push(flag, given[name]);
  return words;
}

const targets = [
  ['--gateway', 'gateway'],
  ['--log-prefix', 'logPrefix'],
  ['--log-level', 'logLevel'],
  ['--to-destination', 'toDestination'],
  ['--to-source', 'toSource'],
  ['--to-ports', 'toPorts'],
  ['--reject-with', 'rejectWith'],
  ['--set-dscp', 'setDscpMark'],
  ['--set-dscp-class', 'setDscpMarkClass'],
] as const;
