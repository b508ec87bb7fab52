import type { Options } from '../../contract/index.ts';
import { splitWords } from '../../inventory/index.ts';
import type { ContainerImage } from './container-parts.probe.ts';
import {
  capabilityList,
  portList,
  volumeList,
  yesNo,
  type ContainerNetworkLink,
  type ContainerSettings,
} from './container.probe.ts';
import { portPattern, volumePattern, type containerOptions } from './options.ts';

/** The options of a container that is made from an image. */
export type WantedContainer = Options<typeof containerOptions>;

/** How a setting is asked for and what it comes to. */
interface Rule {
  readonly shown: string;
  /** Arguments of `create`. */
  readonly flags: readonly string[];
  /** What the container will say; undefined: whatever it says is right. */
  readonly is: string | undefined;
}

/** Every setting of a container as the options and its image want it. */
export function settingsOf(
  wanted: WantedContainer,
  image: ContainerImage | undefined,
): Readonly<Record<keyof ContainerSettings, Rule>> {
  const { entrypoint, command } = startOf(wanted, image);
  const value = (flag: string, given: string | undefined, standard: string | undefined): Omit<Rule, 'shown'> => ({
    flags: given === undefined ? [] : [flag, given],
    is: given ?? standard,
  });
  const toggle = (flag: string, on: boolean): Omit<Rule, 'shown'> => ({ flags: on ? [flag] : [], is: yesNo(on) });
  const capabilities = (flag: string, names: readonly string[]): Omit<Rule, 'shown'> => ({
    flags: names.flatMap((name) => [flag, name]),
    is: capabilityList(names),
  });
  const hosts = Object.entries(wanted.etcHosts)
    .map(([name, address]) => `${name}:${address}`)
    .sort();
  const first = linksOf(wanted)[0];
  return {
    entrypoint: {
      shown: 'entrypoint',
      flags: entrypoint.length > 0 && wanted.entrypoint !== undefined ? ['--entrypoint', entrypoint[0] ?? ''] : [],
      is: image || wanted.entrypoint !== undefined ? JSON.stringify(entrypoint) : undefined,
    },
    command: {
      shown: 'command',
      flags: [],
      is: image || wanted.command !== undefined ? JSON.stringify(command) : undefined,
    },
    user: { shown: 'user', ...value('--user', wanted.user, image?.user) },
    hostname: { shown: 'hostname', ...value('--hostname', wanted.hostname, undefined) },
    workingDir: { shown: 'working directory', ...value('--workdir', wanted.workingDir, image?.workingDir) },
    restartPolicy: { shown: 'restart policy', ...value('--restart', wanted.restartPolicy, undefined) },
    stopTimeout: {
      shown: 'stop timeout',
      ...value('--stop-timeout', wanted.stopTimeout === undefined ? undefined : String(wanted.stopTimeout), undefined),
    },
    stopSignal: { shown: 'stop signal', ...value('--stop-signal', wanted.stopSignal, undefined) },
    logDriver: { shown: 'log driver', ...value('--log-driver', wanted.logDriver, undefined) },
    networkMode: {
      shown: 'network mode',
      flags: networkFlags(wanted, first),
      is: first === undefined ? modeOf(wanted) : undefined,
    },
    privileged: { shown: 'privileged', ...toggle('--privileged', wanted.privileged) },
    readOnly: { shown: 'read-only', ...toggle('--read-only', wanted.readOnly) },
    memory: { shown: 'memory', ...value('--memory', wanted.memory, undefined), is: bytesOf(wanted.memory) },
    init: { shown: 'init', ...toggle('--init', wanted.init) },
    capAdd: { shown: 'added capabilities', ...capabilities('--cap-add', wanted.capAdd) },
    capDrop: { shown: 'dropped capabilities', ...capabilities('--cap-drop', wanted.capDrop) },
    etcHosts: { shown: 'names in /etc/hosts', flags: hosts.flatMap((one) => ['--add-host', one]), is: hosts.join(' ') },
    ports: {
      shown: 'ports',
      flags: wanted.ports.flatMap((one) => ['--publish', one]),
      is: portList(wanted.ports.map(parsePort)),
    },
    volumes: {
      shown: 'volumes',
      flags: wanted.volumes.flatMap((one) => ['--volume', one]),
      is: volumeList(wanted.volumes.map(parseVolume)),
    },
  };
}

/** As the engine tells it: in bytes. */
function bytesOf(size: string | undefined): string | undefined {
  const [, number, unit = 'b'] = /^(\d+)([bkmg]?)$/i.exec(size ?? '')?.map((part) => part || undefined) ?? [];
  return number === undefined ? undefined : String(Number(number) * 1024 ** 'bkmg'.indexOf(unit.toLowerCase()));
}

/** The words behind the image's name. */
export function commandWords(wanted: WantedContainer): readonly string[] {
  const [, ...more] = wanted.entrypoint === undefined ? [] : wordsOf(wanted.entrypoint);
  return [...more, ...(wanted.command === undefined ? [] : wordsOf(wanted.command))];
}

/** What it starts with. An entrypoint of one's own drops the image's command, as `docker run --entrypoint` does. */
function startOf(
  wanted: WantedContainer,
  image: ContainerImage | undefined,
): { readonly entrypoint: readonly string[]; readonly command: readonly string[] } {
  const own = commandWords(wanted);
  if (wanted.entrypoint !== undefined) return { entrypoint: wordsOf(wanted.entrypoint).slice(0, 1), command: own };
  return { entrypoint: image?.entrypoint ?? [], command: wanted.command === undefined ? (image?.command ?? []) : own };
}

function wordsOf(given: string | readonly string[]): readonly string[] {
  if (typeof given !== 'string') return given;
  const words = splitWords(given, { comments: false });
  return typeof words === 'string' ? [given] : words.map((word) => word.text);
}

export interface WantedLink extends ContainerNetworkLink {
  readonly name: string;
}

/** The networks it shall be in; empty where that is the engine's own or a mode. */
export function linksOf({ networks = [] }: WantedContainer): WantedLink[] {
  return networks.map((one) =>
    typeof one === 'string'
      ? { name: one, ipv4Address: '', aliases: [] }
      : { name: one.name, ipv4Address: one.ipv4Address ?? '', aliases: one.aliases ?? [] },
  );
}

function networkFlags(wanted: WantedContainer, first: WantedLink | undefined): string[] {
  if (first === undefined) return wanted.networkMode === undefined ? [] : ['--network', wanted.networkMode];
  return [
    '--network',
    first.name,
    ...(first.ipv4Address === '' ? [] : ['--ip', first.ipv4Address]),
    ...first.aliases.flatMap((alias) => ['--network-alias', alias]),
  ];
}

function modeOf({ networkMode }: WantedContainer): string | undefined {
  if (networkMode === undefined || networkMode === 'bridge') return 'default';
  // The engine writes the other container's id in place of its name.
  return networkMode.startsWith('container:') ? undefined : networkMode;
}

function parsePort(text: string): { readonly ip: string; readonly host: string; readonly container: string } {
  const [, ip = '', host = '', container = '', protocol = 'tcp'] = portPattern.exec(text) ?? [];
  return { ip: ip.replace(/^\[|\]$/g, ''), host, container: `${container}/${protocol}` };
}

function parseVolume(text: string): {
  readonly source: string;
  readonly destination: string;
  readonly writable: boolean;
  readonly propagation: string;
} {
  const [, source = '', destination = '', given = ''] = volumePattern.exec(text) ?? [];
  const options = given.split(',');
  const clean = (path: string): string => (path.length > 1 ? path.replace(/\/+$/, '') : path);
  return {
    source: clean(source),
    destination: clean(destination),
    writable: !options.includes('ro'),
    propagation: options.find((one) => /private|shared|slave/.test(one)) ?? '',
  };
}
