import { PlayError } from '../errors/index.ts';
import type { Runner } from '../runner/index.ts';
import { installed, type Installed } from './installed.ts';

/** What one host runs, or why that is not known. */
export type HostReport =
  | { readonly host: string; readonly packages: ReadonlyMap<string, Installed> }
  | { readonly host: string; readonly unreachable: PlayError };

/** Which versions these hosts have, all at once and with one exchange each. A host that cannot be reached says so. */
export function versionsOn(
  runner: Runner,
  hosts: readonly string[],
  packages: readonly string[],
): Promise<HostReport[]> {
  return Promise.all(
    hosts.map(async (host): Promise<HostReport> => {
      try {
        const answers = await runner.ask(host, packages.map(installed));
        return { host, packages: new Map(packages.map((name, i) => [name, answers[i] as Installed])) };
      } catch (thrown) {
        if (!(thrown instanceof PlayError)) throw thrown;
        return { host, unreachable: thrown };
      }
    }),
  );
}
