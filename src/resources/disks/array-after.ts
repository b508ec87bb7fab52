import { predict, type Plan } from '../../contract/index.ts';
import { realPath, stat } from '../../probes/index.ts';
import { filesystemOn } from '../system/filesystem.probe.ts';
import { blockDevice } from './block-device.probe.ts';

/** What an array that comes to be is to those after it. How much of its devices is its own, mdadm decides. */
export function arrayAfter(name: string, bytes: number): Plan<unknown>['after'] {
  const root = { mode: '0660', uid: 0, gid: 6, owner: 'root', group: 'disk', size: 0 };
  return [
    predict(stat(name), { type: 'other', ...root }),
    predict(realPath(name), name),
    predict(
      filesystemOn(name),
      { is: 'device', type: '', isInUse: false },
      `${name} holds nothing from an earlier use`,
    ),
    predict(blockDevice(name), { bytes, group: '', start: 0 }, `${name} is about as large as its devices allow`),
  ];
}
