import type { Inventory } from '../../../inventory/index.ts';
import { masked } from '../../../report/index.ts';
import { checkPlaybook, type CheckNeeds } from '../check-playbook.ts';
import { Findings, type Finding } from './findings.ts';

/** What one playbook came to. */
export interface Looked {
  readonly inventory: Inventory;
  readonly findings: readonly Finding[];
}

/**
 * Runs one playbook in check mode on the hosts that are meant.
 *
 * @returns undefined where it has none @throws PlayError for a playbook that cannot be run
 */
export async function lookAt(file: string, needs: CheckNeeds): Promise<Looked | undefined> {
  const findings = new Findings();
  const inventory = await checkPlaybook(file, {
    ...needs,
    listener: (event) => findings.listener(masked(event, needs.redactor)),
  });
  return inventory && { inventory, findings: findings.all() };
}
