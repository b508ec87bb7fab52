/** LVM and md by their real tools, on a kernel that has both (`npm run disks`). */
import { describe, test } from 'vitest';
import { useKernelHost, whyNoKernel } from '../support/kernel-host.ts';
import { holdToLaws } from '../support/laws.ts';
import { lvmCases, raidCases } from './disk-cases.ts';

const reason = process.env.PLAY_TEST_DISKS === '1' ? whyNoKernel() : '`npm run disks` runs it';

// Not by skipTests: the host would be started all the same.
if (reason !== undefined) test('on a kernel of its own', ({ skip }) => skip(reason));
else {
  const host = useKernelHost('laws-disks', ['lvm2', 'mdadm', 'xfsprogs'], [256, 256, 128, 128, 128]);
  describe('LVM', () => holdToLaws(host, lvmCases));
  describe('md', () => holdToLaws(host, raidCases));
}
