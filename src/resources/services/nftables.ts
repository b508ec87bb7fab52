import * as v from 'valibot';
import {
  predict,
  settled,
  Unknowable,
  type Change,
  type Found,
  type Prediction,
  type Plan,
  type Question,
} from '../../contract/index.ts';
import { defineResource } from '../../playbook/index.ts';
import { self, sha256, stat, unit } from '../../probes/index.ts';
import { planFile } from '../kit/file-content.ts';
import { path, text } from '../kit/schemas.ts';
import { toolNeed } from '../kit/tool-need.ts';
import { nftTable, nftWanted, nftablesSubject, type NftTable } from './nft.probe.ts';
import { daemonReload, enablement } from './systemd-steps.ts';

export interface NftablesResult {
  /** The name of the table. */
  readonly table: string;
}

const options = {
  table: v.pipe(
    text(
      'The name of the table, in the family `inet`. It belongs to this task alone; no other table is read or changed.',
    ),
    v.regex(/^[A-Za-z][A-Za-z0-9_]{0,31}$/, 'must be a name of letters, digits and underscores'),
  ),
  rules: v.optional(
    v.pipe(
      v.union([
        v.string(),
        v.record(
          v.pipe(v.string(), v.regex(/^[A-Za-z][A-Za-z0-9_]*$/, 'must be the name of a chain')),
          v.array(v.string()),
        ),
      ]),
      v.description(
        "The contents of the table: text as nft(8) expects it between the braces of `table inet NAME { ... }`, or chains with their lines: `{ input: ['type filter hook input priority 0; policy drop;', 'tcp dport 22 accept'] }`. Name interfaces with `iifname`, not `iif`.",
      ),
    ),
  ),
  include: v.optional(
    path(
      'A folder whose files `rules` may include, as `include "FOLDER/*.nft"`: their contents are compared and loaded with the rest. A handler that is this same task loads files added later.',
    ),
  ),
  state: v.optional(v.pipe(v.picklist(['present', 'absent']), v.description('Default `present`.')), 'present'),
};

/** A table as it shall be. */
export interface WantedTable {
  readonly table: string;
  /** The whole file: removes the old table and makes the new one, in one transaction. */
  readonly file: string;
  /** A folder of files the rules include; empty for none. */
  readonly include: string;
  readonly state: 'present' | 'absent';
}

/** A table of firewall rules. */
export const nftables = defineResource({
  name: 'nftables',
  summary:
    'Owns one nftables table: its rules now (changed in one transaction) and after a reboot. Other tables are never touched.',
  options,
  example: `nftables({ table: 'web', rules: {
  input: ['type filter hook input priority 10; policy accept;', 'iifname "lo" accept', 'tcp dport { 80, 443 } accept', 'tcp dport 9090 drop'],
} })`,
  validateOptions({ rules, state, include }) {
    if ((rules === undefined) !== (state === 'absent')) return "give `rules`, or state 'absent'";
    const own = include === undefined ? '' : `include "${include}/*.nft"`;
    const body = bodyOf(rules ?? '')
      .replaceAll(own, '')
      .replace(/"[^"]*"|#.*$/gm, '');
    return /(?:^|[\s;{}])(?:flush|delete|add|insert|include|table)\s/m.test(body)
      ? '`rules` must hold only what goes inside the table: no commands, no other tables, and no `include` except of files in the folder `include`'
      : undefined;
  },
  title: ({ table }) => table ?? '',
  prepare: ({ rules, ...rest }) => wantedTable({ ...rest, rules: rules ?? '' }),
  probes: tableQuestions,
  plan: planTable,
  owns: ({ table }) => [{ on: 'path', path: `/etc/nftables-${table}.nft` }],
});

/** What a table of these rules comes to; of a resource that has one among other things too. */
export function wantedTable({
  table,
  rules,
  state = 'present',
  include = '',
}: {
  readonly table: string;
  readonly rules: string | Readonly<Record<string, readonly string[]>>;
  readonly state?: 'present' | 'absent';
  readonly include?: string | undefined;
}): WantedTable {
  return {
    table,
    state,
    include,
    file: `table inet ${table}\ndelete table inet ${table}\ntable inet ${table} {\n${bodyOf(rules)}\n}\n`,
  };
}

/** The questions a table always has. */
export function tableQuestions(wanted: WantedTable): Question[] {
  return [
    nftTable(wanted.table),
    ...(wanted.state === 'present' ? [rulesOf(wanted)] : []),
    ...[fileOf(wanted), unitFileOf(wanted)].flatMap((path) => [stat(path), sha256(path)]),
    stat('/etc'),
    stat('/etc/systemd/system'),
    self,
    unit(unitOf(wanted)),
  ];
}

function bodyOf(rules: string | Readonly<Record<string, readonly string[]>>): string {
  if (typeof rules === 'string') return rules.trim();
  return Object.entries(rules)
    .map(([chain, lines]) => `  chain ${chain} {\n${lines.map((line) => `    ${line}\n`).join('')}  }`)
    .join('\n');
}

const rulesOf = ({ table, file, include }: WantedTable): Question<NftTable> => nftWanted(table, file, include);
const fileOf = ({ table }: WantedTable): string => `/etc/nftables-${table}.nft`;
const unitOf = ({ table }: WantedTable): string => `play-nftables-${table}.service`;
const unitFileOf = (wanted: WantedTable): string => `/etc/systemd/system/${unitOf(wanted)}`;

/**
 * Loaded before the network is up, and again after nftables.service, which flushes all there is when it is restarted.
 */
const unitText = ({ table }: WantedTable): string => `[Unit]
Description=nftables table ${table}
Documentation=man:nft(8)
DefaultDependencies=no
After=nftables.service
PartOf=nftables.service
Before=network-pre.target shutdown.target
Wants=network-pre.target
Conflicts=shutdown.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/sbin/nft -f /etc/nftables-${table}.nft
ExecReload=/usr/sbin/nft -f /etc/nftables-${table}.nft

[Install]
WantedBy=sysinit.target
`;

/** Plans a table, also as a part of another resource. */
export function planTable(wanted: WantedTable, found: Found): Plan<NftablesResult> {
  const result = { table: wanted.table };
  const live = found.get(nftTable(wanted.table));
  const rules = wanted.state === 'present' ? found.get(rulesOf(wanted)) : live;
  if (rules.is === 'no tool' && wanted.state === 'absent') {
    found.doubt('nft is not installed yet', 'changes');
    return settled(result);
  }
  found.require(rules.is !== 'no tool', toolNeed('nft', 'nftables'));
  if (rules.is === 'unknown') throw new Unknowable(`the rules cannot be tried (${rules.why})`);
  if (rules.is === 'refused')
    return { ...settled(result), failure: `nft refuses the rules of the table ${wanted.table}: ${rules.why}` };
  // Check mode: where nft is only planned, no table is there yet.
  const now = { live: live.is === 'table' ? live.text : '', wanted: rules.text };
  return wanted.state === 'absent' ? planAbsent(wanted, now, found) : planPresent(wanted, now, found);
}

interface Tables {
  readonly live: string;
  readonly wanted: string;
}

/** Checked as a whole, then put in force as a whole (nft(8), -c and -f). */
const load = 'nft -c -f - <"$1" && nft -f - <"$1"';

function planPresent(wanted: WantedTable, now: Tables, found: Found): Plan<NftablesResult> {
  const { table } = wanted;
  const files = [
    planFile({ path: fileOf(wanted), content: Buffer.from(wanted.file), mode: '0600' }, found, null),
    planFile({ path: unitFileOf(wanted), content: Buffer.from(unitText(wanted)), mode: '0644' }, found, null),
  ];
  const bad = files.find((one) => one.failure !== undefined);
  if (bad?.failure !== undefined) return { ...settled({ table }), failure: bad.failure };
  const changes: Change[] = files.flatMap((one) => one.changes);
  const steps = files.flatMap((one) => one.steps);
  const after: Prediction[] = files.flatMap((one) => one.after);
  const service = found.get(unit(unitOf(wanted)));
  const isStale = files[1]?.changes.length !== 0;
  if (isStale) steps.push(daemonReload);
  if (service.enabled !== 'enabled') {
    changes.push({ what: 'enabled', from: 'no', to: 'yes' });
    steps.push(enablement('enable', unitOf(wanted)));
  }
  if (now.live !== now.wanted) {
    changes.push({
      what: `table ${table}`,
      ...(now.live === '' ? { from: 'absent' } : {}),
      text: {
        path: `table inet ${table}`,
        before: now.live === '' ? null : Buffer.from(now.live),
        after: Buffer.from(now.wanted),
      },
    });
    steps.push({ script: load, args: [fileOf(wanted)], label: `load the table ${table}` });
    after.push(predict(nftTable(table), { is: 'table', text: now.wanted }));
  }
  if (changes.length === 0) return settled({ table });
  after.push(predict(unit(unitOf(wanted)), { ...service, loaded: true, enabled: 'enabled', needsReload: false }));
  return {
    changes,
    steps,
    after,
    touches: [{ on: 'units' }, nftablesSubject],
    units: [unitOf(wanted)],
    ...closing(wanted, now),
    result: { table },
  };
}

const removeScript = `set -e
table=$1 unit=$2
systemctl --no-ask-password disable "$unit" >/dev/null 2>&1 || :
rm -f -- "/etc/systemd/system/$unit" "/etc/nftables-$table.nft"
systemctl daemon-reload
systemctl reset-failed "$unit" 2>/dev/null || :
if nft list table inet "$table" >/dev/null 2>&1; then nft delete table inet "$table"; fi`;

function planAbsent(wanted: WantedTable, now: Tables, found: Found): Plan<NftablesResult> {
  const { table } = wanted;
  const changes: Change[] = [];
  if (now.live !== '')
    changes.push({
      what: `table ${table}`,
      to: 'absent',
      text: { path: `table inet ${table}`, before: Buffer.from(now.live), after: null },
    });
  for (const path of [fileOf(wanted), unitFileOf(wanted)])
    if (found.get(stat(path)).type !== 'absent') changes.push({ what: path, to: 'absent' });
  if (changes.length === 0) return settled({ table });
  return {
    changes,
    steps: [{ script: removeScript, args: [table, unitOf(wanted)], label: `remove the table ${table}` }],
    after: [
      predict(nftTable(table), { is: 'table', text: '' }),
      predict(stat(fileOf(wanted)), { type: 'absent' }),
      predict(stat(unitFileOf(wanted)), { type: 'absent' }),
    ],
    touches: [
      { on: 'units' },
      { on: 'path', path: fileOf(wanted) },
      { on: 'path', path: unitFileOf(wanted) },
      nftablesSubject,
    ],
    ...closing(wanted, now),
    result: { table },
  };
}

/** Rules that are in force otherwise from now on may be what keeps us out. */
function closing({ table }: WantedTable, now: Tables): Pick<Plan<unknown>, 'closes'> {
  return now.live === now.wanted ? {} : { closes: [{ by: 'firewall', table: `inet ${table}` }] };
}
