import { locationText } from '../errors/index.ts';
import type { InventoryWarning } from '../inventory/index.ts';
import { makeStyle, wantsColour } from './index.ts';

const told = new Set<string>();

/** Reports on stderr, once, what Ansible accepts silently and is worth a look. */
export function warnOf({ what, where, hint }: InventoryWarning): void {
  const { yellow } = makeStyle(wantsColour(process.stderr));
  const text = [
    `${yellow('warning:')} ${what}`,
    where === undefined ? '' : `  at ${locationText(where)}`,
    hint === undefined ? '' : `  ${hint}`,
  ];
  const message = `${text.filter((line) => line !== '').join('\n')}\n`;
  if (told.has(message)) return;
  told.add(message);
  process.stderr.write(message);
}
