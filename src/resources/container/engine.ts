import type { Found } from '../../contract/index.ts';
import type { ContainerEngine, EngineChoice, FromEngine } from './container-engine.probe.ts';

export interface Reached<A> {
  readonly engine: ContainerEngine;
  readonly is: A | null;
}

/** What the engine said. In check mode one that is not there yet may be by then: it is taken to be new and empty. */
export function reached<A>(answer: FromEngine<A>, choice: EngineChoice, found: Found): Reached<A> {
  if (!('down' in answer)) return answer;
  found.presume(false, {
    failure: `the container engine cannot be asked: ${answer.down}`,
    hint: answer.down.endsWith('installed')
      ? "Install one before: apt({ name: 'docker.io' })"
      : "Start it before: systemd({ name: 'docker', state: 'started' })",
    by: 'changes',
    assume: 'the container engine, with nothing in it yet, runs',
  });
  return { engine: choice === 'podman' ? 'podman' : 'docker', is: null };
}
