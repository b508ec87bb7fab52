import type { Launch } from '../project/launch.ts';
import { describe, type DescribedCommand } from './commands/completion/describe.ts';
import { commandsByName } from './main.ts';

export { commandTexts } from './parse.ts';

/** All commands, by the word that calls them: for the manual page. Nothing is launched to describe them. */
export async function describeAll(): Promise<ReadonlyMap<string, DescribedCommand>> {
  const described = new Map<string, DescribedCommand>();
  for (const [name, command] of commandsByName(new Map())) described.set(name, await describe(command, undescribed));
  return described;
}

const launched = (): never => {
  throw new Error('a command does something before it reads its arguments');
};

const undescribed: Launch = {
  root: '',
  isPackage: false,
  packageName: 'play',
  version: '',
  buildId: '',
  apiFile: '',
  load: launched,
  roles: launched,
  importFile: launched,
  markUse: launched,
};
