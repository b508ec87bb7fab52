import { assert, command, type Task } from 'play';
import { contentOf, sayContent } from './empty-device.ts';
import { arrayOf } from './raid-array.ts';

const detail = (array: string) =>
  command({ argv: ['mdadm', '--detail', array], changes: 'never' }, { name: `the array ${array}` });

/** The same behind what changes it: in check mode it is not asked. */
const detailThen = (array: string, keywords: Parameters<typeof command>[1]) =>
  command({ argv: ['mdadm', '--detail', array], changes: 'always' }, { changedWhen: false, ...keywords });

/** Whether the array is well, of a kind that grows by devices, and these are empty or in it already. */
export function mayGetDevices(array: string, devices: readonly string[]): Task[] {
  const now = detail(array);
  const contents = devices.map((device) => ({ device, content: contentOf(device) }));
  return [
    now,
    ...contents.map(({ content }) => content),
    assert(
      {
        that: ({ results }) => {
          const { level, state, active, spare } = arrayOf(results(now).stdout);
          return [
            {
              that: /^raid(4|5|6|10)$/.test(level),
              msg: `${array} is ${level}, which does not get larger by another device`,
            },
            // A new device would be taken to repair it.
            { that: /^(clean|active)$/.test(state), msg: `${array} is not well: ${state}` },
            ...contents.map(({ device, content }) => ({
              that: [...active, ...spare].includes(device) || results(content).stdout.trim() === '',
              msg: sayContent(device, results(content).stdout),
            })),
          ];
        },
      },
      { name: `${devices.join(', ')} may be added to ${array}` },
    ),
  ];
}

/** Adds them as spares. */
export function addToArray(array: string, devices: readonly string[]): Task[] {
  const now = detail(array);
  return [
    now,
    ...devices.map((device) =>
      command(
        { argv: ['mdadm', '--manage', array, '--add', device], changes: 'always' },
        {
          name: `add ${device}`,
          when: ({ results }) => {
            const { active, spare } = arrayOf(results(now).stdout);
            return ![...active, ...spare].includes(device);
          },
        },
      ),
    ),
  ];
}

export function hasDevices(array: string, devices: readonly string[]): Task[] {
  const now = detailThen(array, { name: `the array ${array}` });
  return [
    now,
    assert(
      {
        that: ({ results }) => {
          const { active, spare } = arrayOf(results(now).stdout);
          return devices.every((device) => [...active, ...spare].includes(device));
        },
        failMsg: ({ results }) => `they are not all in it:\n${results(now).stdout}`,
      },
      { name: `${devices.join(', ')} are in ${array}` },
    ),
  ];
}

/** Makes spares work: the data is spread over them. */
export function growArray(array: string, devices: readonly string[]): Task[] {
  const now = detail(array);
  const idle = (text: string): number => {
    const { active } = arrayOf(text);
    return devices.filter((device) => !active.includes(device)).length;
  };
  return [
    now,
    command(
      {
        argv: ({ results }) => {
          const { stdout } = results(now);
          return ['mdadm', '--grow', `--raid-devices=${arrayOf(stdout).raidDevices + idle(stdout)}`, array];
        },
        changes: 'always',
      },
      {
        name: `grow ${array}`,
        when: ({ results }) => {
          const { stdout } = results(now);
          return arrayOf(stdout).reshape === undefined && idle(stdout) > 0;
        },
      },
    ),
  ];
}

/** Waits until the data is spread. */
export function spread(
  array: string,
  devices: readonly string[],
  { hours, interval }: { readonly hours: number; readonly interval: number },
): Task[] {
  return [
    detailThen(array, {
      name: `the data of ${array} is spread over ${devices.join(', ')}`,
      until: ({ result }) => {
        const { active, reshape } = arrayOf(result.stdout);
        return reshape === undefined && devices.every((device) => active.includes(device));
      },
      delay: interval,
      retries: Math.ceil((hours * 3600) / interval),
    }),
  ];
}
