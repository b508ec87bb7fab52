import { explainVariable } from '../../inventory/index.ts';
import { makeCommand } from '../../options/command.ts';
import { addInventoryOptions, type InventoryFlags } from '../../options/flags.ts';
import type { Launch } from '../../project/launch.ts';
import { readInventory } from '../../project/load-inventory.ts';
import { warnOf } from '../../report/warnings.ts';
import { hideSecrets } from '../../secrets/index.ts';
import { openVault } from '../../targets/open-vault.ts';
import { parseWithConfig } from '../parse.ts';

/** `play why HOST VARIABLE`: the value that counts and where it stands, then what it overrides. */
export async function runWhyCommand(args: readonly string[], launch: Launch): Promise<number> {
  const command = addInventoryOptions(makeCommand('play why', "Shows where a host's variable gets its value from."))
    .argument('<host>')
    .argument('<variable>');
  await parseWithConfig(command, args, launch);
  const flags = command.opts<InventoryFlags>();
  const inventory = await readInventory({
    flags,
    vault: await openVault(flags),
    launch,
    playbook: undefined,
    onWarning: warnOf,
  });
  const { host, name, value, definitions } = explainVariable(inventory, command.args[0] ?? '', command.args[1] ?? '');
  const [winner, ...overridden] = definitions;
  const lines = [`${host}: ${name} = ${JSON.stringify(hideSecrets(value), undefined, 2)}`, source('from', winner)];
  if (winner.jinja) lines.push(`         written ${JSON.stringify(hideSecrets(winner.value))}`);
  for (const one of overridden) lines.push(source('over', one), `         ${JSON.stringify(hideSecrets(one.value))}`);
  process.stdout.write(`${lines.join('\n')}\n`);
  return 0;
}

function source(word: string, { level, where }: { level: string; where: string }): string {
  return `  ${word}  ${level}${where === level ? '' : `, ${where}`}`;
}
