import type { DrawnGroup, DrawnPlay } from './graph-model.ts';
import { inventorySvg } from './inventory-svg.ts';
import { inventoryMermaid, playbookMermaid } from './mermaid.ts';
import { playbookSvg } from './playbook-svg.ts';

/** What is drawn: an inventory's groups, or a playbook's plays. */
export type Drawn =
  | { readonly groups: readonly DrawnGroup[] }
  | { readonly title: string; readonly plays: readonly DrawnPlay[] };

/** An inventory or a playbook as a drawing. */
export function graphText(format: 'svg' | 'mermaid', drawn: Drawn): string {
  if ('groups' in drawn) return format === 'svg' ? inventorySvg(drawn.groups) : inventoryMermaid(drawn.groups);
  return format === 'svg' ? playbookSvg(drawn.title, drawn.plays) : playbookMermaid(drawn.plays);
}
