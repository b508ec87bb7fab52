import type { Found } from '../../contract/index.ts';
import { content, stat, unit } from '../../probes/index.ts';
import type { ContainerEngine, EngineChoice, FromEngine } from './container-engine.probe.ts';

export interface Reached<A> {
  readonly engine: ContainerEngine;
  readonly is: A | null;
}

/**
 * What the engine said. In check mode one that is not there yet may be by then: it is taken to be new and empty, which
 * is no guess where its service is sure to run and nothing of an earlier one is left.
 */
export function reached<A>(answer: FromEngine<A>, choice: EngineChoice, found: Found): Reached<A> {
  if (!('down' in answer)) return answer;
  if (found.forecast !== undefined && choice !== 'podman' && answer.down.endsWith('installed') && isNewByThen(found))
    return { engine: 'docker', is: null };
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

/** Check mode: whether docker is sure to have come and to run, with a folder of its own that is not there yet. */
function isNewByThen(found: Found): boolean {
  const folder = stat('/var/lib/docker');
  const settings = content('/etc/docker/daemon.json');
  if (found.planned(unit('docker'))?.active !== 'active' || found.peek(unit('docker')).assumed !== undefined)
    return false;
  found.need(folder, settings);
  const set = found.get(settings);
  const isElsewhere =
    'bytes' in set ? set.bytes.includes('data-root') : !('missing' in set && set.missing === 'absent');
  return found.get(folder).type === 'absent' && !isElsewhere;
}
