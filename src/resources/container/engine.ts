import type { Found } from '../../contract/index.ts';
import { PlayError } from '../../errors/index.ts';
import type { ContainerEngine, EngineChoice, FromEngine } from '../../probes/index.ts';

export interface Reached<A> {
  readonly engine: ContainerEngine;
  readonly is: A | null;
  readonly assumed: readonly string[];
}

/**
 * What the engine said. In check mode one that is not there yet may be by then: it is taken to be new and empty.
 * @throws PlayError (failing the task) when there is no engine that could be asked
 */
export function reached<A>(answer: FromEngine<A>, choice: EngineChoice, found: Found): Reached<A> {
  if (!('down' in answer)) return { ...answer, assumed: [] };
  if (found.forecast?.changedBefore !== undefined) return { engine: choice === 'podman' ? 'podman' : 'docker', is: null, assumed: [`${answer.down}: it runs by then, and has no containers, networks, volumes and images yet (${found.forecast?.changedBefore})`] };
  const isMissing = answer.down.endsWith('installed');
  throw new PlayError(`The container engine cannot be asked: ${answer.down}`, {
    hint: isMissing ? "Install one before: apt({ name: 'docker.io' })" : "Start it before: systemd({ name: 'docker', state: 'started' })",
  });
}
