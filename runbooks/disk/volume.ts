import { assert, command, shell, type Task } from 'play';
import { quoted } from '../kit/quoted.ts';
import { contentOf, sayContent } from './empty-device.ts';

const field = (tool: 'lvs' | 'pvs', name: string, of: string): string =>
  `$(${tool} --noheadings --nosuffix --units b --options ${name} -- ${quoted(of)} 2>/dev/null | tr -d ' ')`;

/** Whether a device is in the group of the volume. */
const isInGroup = (volume: string, device: string): string =>
  `[ "${field('pvs', 'vg_name', device)}" = "${field('lvs', 'vg_name', volume)}" ]`;

export function mayBeAdded(volume: string, devices: readonly string[]): Task[] {
  const contents = devices.map((device) => ({ device, content: contentOf(device) }));
  return [
    command({ argv: ['lvs', volume], changes: 'never' }, { name: `there is the volume ${volume}` }),
    ...contents.flatMap(({ device, content }) => {
      const member = shell(
        { cmd: `${isInGroup(volume, device)} && echo yes || echo no`, changes: 'never' },
        { name: `whether ${device} is in its group` },
      );
      return [
        content,
        member,
        assert(
          {
            that: ({ results }) => results(member).stdout === 'yes' || results(content).stdout.trim() === '',
            failMsg: ({ results }) => sayContent(device, results(content).stdout),
          },
          { name: `${device} may be added to ${volume}` },
        ),
      ];
    }),
  ];
}

/** By what the devices have, and not by what else is free in the group: that may be kept for snapshots. */
export function growVolume(volume: string, devices: readonly string[]): Task[] {
  return devices.flatMap((device) => [
    shell(
      { cmd: `pvcreate -- ${quoted(device)}`, unless: `pvs -- ${quoted(device)}` },
      { name: `make ${device} a physical volume` },
    ),
    shell(
      { cmd: `vgextend "${field('lvs', 'vg_name', volume)}" ${quoted(device)}`, unless: isInGroup(volume, device) },
      { name: `add ${device} to the group of ${volume}` },
    ),
    shell(
      {
        cmd: `lvextend --extents +100%PVS ${quoted(volume)} ${quoted(device)}`,
        onlyIf: `${isInGroup(volume, device)} && [ "${field('pvs', 'pv_free', device)}" -gt 0 ]`,
      },
      { name: `grow ${volume} by ${device}` },
    ),
  ]);
}

export function inGroup(volume: string, devices: readonly string[]): Task[] {
  return devices.map((device) =>
    shell(
      {
        cmd: `${isInGroup(volume, device)} && [ "${field('pvs', 'pv_free', device)}" = 0 ]`,
        changes: 'always',
      },
      { name: `${device} is in the group of ${volume}, and used`, changedWhen: false },
    ),
  );
}
