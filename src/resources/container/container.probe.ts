import * as v from 'valibot';
import { engineQuestion, environmentOf, maybe, wordList, words, wordsOrText } from './container-engine.probe.ts';

/** What a container was made with, beside its environment, labels and networks: a canonical text for each. */
export interface ContainerSettings {
  /** The words as JSON. */
  readonly entrypoint: string;
  readonly command: string;
  readonly user: string;
  readonly hostname: string;
  readonly workingDir: string;
  /** `no`, `always`, `unless-stopped`, `on-failure:3`. */
  readonly restartPolicy: string;
  readonly stopTimeout: string;
  readonly stopSignal: string;
  readonly logDriver: string;
  readonly networkMode: string;
  readonly privileged: string;
  readonly readOnly: string;
  /** Bytes; 0 for no limit. */
  readonly memory: string;
  readonly init: string;
  readonly capAdd: string;
  readonly capDrop: string;
  readonly etcHosts: string;
  /** `127.0.0.1:8080:80/tcp`, sorted. */
  readonly ports: string;
  /** `/srv/data:/data:ro`, sorted; without the engine's own for the image's `VOLUME`. */
  readonly volumes: string;
}

export interface ContainerNetworkLink {
  /** The address that was asked for; empty: any. */
  readonly ipv4Address: string;
  readonly aliases: readonly string[];
  /** The address it has; empty while it does not run. */
  readonly current?: string;
}

export interface Container {
  readonly name: string;
  readonly running: boolean;
  readonly imageId: string;
  readonly settings: ContainerSettings;
  readonly env: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly networks: Readonly<Record<string, ContainerNetworkLink>>;
}

const schema = v.object({
  Name: v.string(),
  Image: v.string(),
  State: v.object({ Running: v.boolean() }),
  Config: v.object({
    Hostname: v.optional(v.string(), ''),
    User: v.optional(v.string(), ''),
    Env: words,
    Cmd: words,
    Entrypoint: wordsOrText,
    Labels: maybe(v.record(v.string(), v.string())),
    WorkingDir: v.optional(v.string(), ''),
    StopSignal: v.optional(v.union([v.string(), v.number()]), ''),
    StopTimeout: maybe(v.number()),
  }),
  HostConfig: v.object({
    NetworkMode: v.optional(v.string(), ''),
    RestartPolicy: maybe(v.object({ Name: v.string(), MaximumRetryCount: v.optional(v.number(), 0) })),
    PortBindings: maybe(
      v.record(
        v.string(),
        v.nullish(v.array(v.object({ HostIp: v.optional(v.string(), ''), HostPort: v.optional(v.string(), '') }))),
      ),
    ),
    LogConfig: maybe(v.object({ Type: v.optional(v.string(), '') })),
    Privileged: v.optional(v.boolean(), false),
    ReadonlyRootfs: v.optional(v.boolean(), false),
    Memory: v.optional(v.number(), 0),
    Init: maybe(v.boolean()),
    CapAdd: words,
    CapDrop: words,
    ExtraHosts: words,
  }),
  Mounts: maybe(
    v.array(
      v.object({
        Type: v.string(),
        Name: v.optional(v.string(), ''),
        Source: v.optional(v.string(), ''),
        Destination: v.string(),
        RW: v.boolean(),
        Propagation: v.optional(v.string(), ''),
      }),
    ),
  ),
  NetworkSettings: v.object({
    Networks: maybe(
      v.record(
        v.string(),
        v.object({
          Aliases: words,
          IPAddress: v.optional(v.string(), ''),
          IPAMConfig: maybe(v.object({ IPv4Address: v.optional(v.string(), '') })),
        }),
      ),
    ),
  }),
});

function readContainer(json: unknown): Container {
  const { Name, Image, State, Config, HostConfig, Mounts, NetworkSettings } = v.parse(schema, json);
  const policy = HostConfig.RestartPolicy;
  return {
    name: Name.replace(/^\//, ''),
    running: State.Running,
    imageId: bareId(Image),
    env: environmentOf(Config.Env),
    labels: Config.Labels ?? {},
    networks: Object.fromEntries(
      Object.entries(NetworkSettings.Networks ?? {}).map(([name, one]) => [
        name,
        { ipv4Address: one.IPAMConfig?.IPv4Address ?? '', aliases: one.Aliases ?? [], current: one.IPAddress },
      ]),
    ),
    settings: {
      entrypoint: JSON.stringify(wordList(Config.Entrypoint)),
      command: JSON.stringify(Config.Cmd ?? []),
      user: Config.User,
      hostname: Config.Hostname,
      workingDir: Config.WorkingDir || '/',
      restartPolicy: !policy?.Name
        ? 'no'
        : policy.Name === 'on-failure' && policy.MaximumRetryCount > 0
          ? `on-failure:${policy.MaximumRetryCount}`
          : policy.Name,
      stopTimeout: Config.StopTimeout === null || Config.StopTimeout === undefined ? '' : String(Config.StopTimeout),
      stopSignal: String(Config.StopSignal),
      logDriver: HostConfig.LogConfig?.Type ?? '',
      // Two names of the engine's own network.
      networkMode:
        HostConfig.NetworkMode === 'bridge' || HostConfig.NetworkMode === '' ? 'default' : HostConfig.NetworkMode,
      privileged: yesNo(HostConfig.Privileged),
      readOnly: yesNo(HostConfig.ReadonlyRootfs),
      memory: String(HostConfig.Memory),
      init: yesNo(HostConfig.Init ?? false),
      capAdd: capabilityList(HostConfig.CapAdd ?? []),
      capDrop: capabilityList(HostConfig.CapDrop ?? []),
      etcHosts: (HostConfig.ExtraHosts ?? []).toSorted().join(' '),
      ports: portList(
        Object.entries(HostConfig.PortBindings ?? {}).flatMap(([container, bindings]) =>
          (bindings ?? []).map(({ HostIp, HostPort }) => ({ ip: HostIp, host: HostPort, container })),
        ),
      ),
      volumes: volumeList(
        (Mounts ?? [])
          // What the image declares and nobody named gets 64 digits for a name.
          .filter((one) => one.Type === 'bind' || (one.Type === 'volume' && !/^[0-9a-f]{64}$/.test(one.Name)))
          .map((one) => ({
            source: one.Type === 'volume' ? one.Name : one.Source,
            destination: one.Destination,
            writable: one.RW,
            propagation: one.Propagation,
          })),
      ),
    },
  };
}

export const bareId = (id: string): string => id.replace(/^sha256:/, '');
export const yesNo = (value: boolean): string => (value ? 'yes' : 'no');

/** Canonical text of capabilities, which are named with and without `CAP_`. */
export function capabilityList(names: readonly string[]): string {
  return names
    .map((name) => name.toUpperCase().replace(/^CAP_/, ''))
    .sort()
    .join(' ');
}

/** Canonical text of published ports. `container` is `80/tcp`. */
export function portList(
  ports: readonly { readonly ip: string; readonly host: string; readonly container: string }[],
): string {
  return ports
    .map(({ ip, host, container }) => `${ip === '' || ip === '0.0.0.0' ? '' : `${ip}:`}${host}:${container}`)
    .sort()
    .join(' ');
}

/** Canonical text of mounts. `propagation` as in mount(8), `rprivate` being usual. */
export function volumeList(
  volumes: readonly {
    readonly source: string;
    readonly destination: string;
    readonly writable: boolean;
    readonly propagation: string;
  }[],
): string {
  return volumes
    .map(({ source, destination, writable, propagation }) => {
      const options = [
        ...(writable ? [] : ['ro']),
        ...(propagation === '' || propagation === 'rprivate' ? [] : [propagation]),
      ];
      return [source, destination, ...(options.length > 0 ? [options.join(',')] : [])].join(':');
    })
    .sort()
    .join(' ');
}

/** A container, running or not. */
export const container = engineQuestion<Container>('container', readContainer, (one, name) => one.name === name);
