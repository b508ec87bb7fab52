import { resolve } from 'node:path';
import { matchHosts, type Inventory } from '../../../inventory/index.ts';
import type { Playbook } from '../../../playbook/index.ts';
import type { Launch } from '../../../project/launch.ts';
import { loadPlaybook } from '../../../project/load-playbook.ts';
import { checkTypes } from '../../../project/type-check.ts';
import { findingOf, type Finding } from './finding.ts';

export interface LintedPlaybooks {
  /** Those that could be loaded. */
  readonly playbooks: readonly Playbook[];
  readonly findings: readonly Finding[];
}

/** Loads playbooks, checks their types and the hosts they name. */
export async function lintPlaybooks(
  files: readonly string[],
  inventory: Inventory | undefined,
  launch: Launch,
): Promise<LintedPlaybooks> {
  const playbooks: Playbook[] = [];
  const findings: Finding[] = [];
  for (const file of files) {
    const verdict = await checkTypes(file, launch);
    if (verdict.kind === 'bad') findings.push(...verdict.errors.map(typeFinding));
    try {
      const playbook = await loadPlaybook(file, launch);
      playbooks.push(playbook);
      if (inventory) findings.push(...namedHosts(playbook, file, inventory));
    } catch (thrown) {
      findings.push(findingOf('playbook', thrown));
    }
  }
  return { playbooks, findings };
}

/** tsc's `file:line:column text`. */
function typeFinding(error: string): Finding {
  const [, file, line, column, text] = /^(.+?):(\d+):(\d+) ([^]*)$/.exec(error) ?? [];
  if (file === undefined || text === undefined) return { rule: 'types', what: error };
  return { rule: 'types', what: text, where: { file: resolve(file), line: Number(line), column: Number(column) } };
}

function namedHosts(playbook: Playbook, file: string, inventory: Inventory): Finding[] {
  const where = playbook.at ?? { file };
  return playbook.plays.flatMap((play): Finding[] => {
    const pattern = typeof play.hosts === 'string' ? play.hosts : play.hosts.join(',');
    try {
      if (matchHosts(inventory, pattern).length > 0) return [];
      return [
        {
          rule: 'no-hosts',
          what: `The play "${play.name ?? pattern}" is for ${pattern}, which has no hosts`,
          where,
          hint: 'Give the group hosts, or remove the play.',
        },
      ];
    } catch (thrown) {
      return [{ ...findingOf('unknown-host', thrown), where }];
    }
  });
}
