import { shell } from 'play';
import { quoted } from '../kit/quoted.ts';

/** What is on a device: signatures, partitions, and where these are mounted; one that is empty has no output. */
export function contentOf(device: string) {
  const it = quoted(device);
  return shell(
    {
      cmd: `wipefs --noheadings --output TYPE -- ${it} && lsblk --noheadings --raw --output NAME,TYPE,FSTYPE,MOUNTPOINTS -- ${it} | tail -n +2`,
      changes: 'never',
    },
    { name: `what is on ${device}` },
  );
}

export const sayContent = (device: string, content: string): string =>
  `${device} is not empty: ${content.trim().split('\n').join(', ')}. Look twice; if all of it may go: wipefs --all ${device}`;
