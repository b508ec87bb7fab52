import { predict } from '../../contract/index.ts';
import { noUnit, unit, type Unit } from '../../probes/index.ts';
import { planCases, type HostDescription } from '../../testing/index.ts';
import { nftTable, type NftTable } from './nft.probe.ts';
import { nftables } from './nftables.ts';

const table = 'web';
const rules = { input: ['type filter hook input priority 0; policy accept;', 'tcp dport 22 accept'] };
const file = '/etc/nftables-web.nft';
const unitFile = '/etc/systemd/system/play-nftables-web.service';
const printed = 'table inet web {\n\tchain input {\n\t}\n}\n';

const enabled: Unit = {
  ...noUnit,
  loaded: true,
  names: ['play-nftables-web.service'],
  file: unitFile,
  enabled: 'enabled',
  active: 'active',
};

/** What is in the kernel, what nft makes of the rules, and whether files and unit are there. */
function having(live: NftTable, wanted: NftTable, isMade: boolean): HostDescription {
  return {
    paths: {
      '/etc/systemd/system': { type: 'directory' },
      ...(isMade
        ? {
            [file]: { type: 'file', mode: '0600', content: text },
            [unitFile]: { type: 'file', content: unitText },
          }
        : {}),
    },
    answers: [predict(nftTable(table), live), predict(unit('play-nftables-web'), isMade ? enabled : noUnit)],
    answersOfKind: { 'nft-wanted': () => wanted },
  };
}
const text = `table inet web
delete table inet web
table inet web {
  chain input {
    type filter hook input priority 0; policy accept;
    tcp dport 22 accept
  }
}
`;
const unitText = `[Unit]
Description=nftables table web
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
ExecStart=/usr/sbin/nft -f /etc/nftables-web.nft
ExecReload=/usr/sbin/nft -f /etc/nftables-web.nft

[Install]
WantedBy=sysinit.target
`;
const is = (lines: string): NftTable => ({ is: 'table', text: lines });
const noTool: NftTable = { is: 'no tool' };

export const cases = planCases(nftables, {
  'a new table: its file, a unit for the boot, and now': {
    options: { table, rules },
    host: having(is(''), is(printed), false),
    changes: ['content new file', 'mode 0600', 'content new file', 'enabled no -> yes', 'table web absent'],
    writes: { [file]: text, [unitFile]: unitText, 'table inet web': printed },
    steps: [
      `write ${file}`,
      `write ${unitFile}`,
      'make systemd read its unit files again',
      'enable play-nftables-web.service',
      'load the table web',
    ],
    result: { table },
  },
  'right already': { options: { table, rules }, host: having(is(printed), is(printed), true), result: { table } },
  'somebody changed the rules in force': {
    options: { table, rules },
    host: having(is('table inet web {\n}\n'), is(printed), true),
    changes: ['table web'],
    steps: ['load the table web'],
  },
  'the same rules, spelt otherwise, change the file and not what is in force': {
    options: {
      table,
      rules: 'chain input {\n    type filter hook input priority 0; policy accept;\n    tcp dport 22 accept\n  }',
    },
    host: having(is(printed), is(printed), true),
    changes: ['content'],
    steps: [`write ${file}`],
  },
  'removed': {
    options: { table, state: 'absent' },
    host: having(is(printed), is(printed), true),
    changes: ['table web absent', `${file} absent`, `${unitFile} absent`],
    steps: ['remove the table web'],
  },
  'removed already': { options: { table, state: 'absent' }, host: having(is(''), is(''), false) },
  'nft refuses a rule': {
    options: { table, rules },
    host: having(is(''), { is: 'refused', why: 'syntax error, unexpected accept' }, false),
    fails: 'nft refuses the rules of the table web: syntax error, unexpected accept',
  },
  'nft is missing': {
    options: { table, rules },
    host: having(noTool, noTool, false),
    fails: 'nft is not installed',
    hint: "Install it first: apt({ name: 'nftables' })",
  },
  'nft may come with what is planned': {
    options: { table, rules },
    host: having(noTool, noTool, false),
    behind: {},
    may: 'nft is not installed yet ("a task" changes the host before)',
  },
  'nothing to remove without nft': { options: { table, state: 'absent' }, host: having(noTool, noTool, false) },
  'rules that cannot be tried': {
    options: { table, rules },
    host: having(is(''), { is: 'unknown', why: 'no mounts are allowed' }, false),
    behind: {},
    may: 'the rules cannot be tried (no mounts are allowed)',
  },
  'a command among the rules': {
    options: { table, rules: 'flush ruleset' },
    fails:
      'nftables: `rules` must hold only what goes inside the table: no commands, no other tables, ' +
      'and no `include` except of files in the folder `include`',
  },
  'without rules': { options: { table }, fails: "nftables: give `rules`, or state 'absent'" },
});
