import * as v from 'valibot';
import { engineQuestion, environmentOf, maybe, wordList, words, wordsOrText } from './container-engine.probe.ts';
import { bareId } from './container.probe.ts';

/** What a container takes from its image where it is not told otherwise. */
export interface ContainerImage {
  readonly id: string;
  /** Every name it has: tags and digests. */
  readonly names: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly command: readonly string[];
  readonly entrypoint: readonly string[];
  readonly user: string;
  readonly workingDir: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** The part of an image's own description that `docker inspect` and an archive have in common. */
export const imageConfig = v.object({
  Env: words,
  Cmd: words,
  Entrypoint: wordsOrText,
  User: v.nullish(v.string()),
  WorkingDir: v.nullish(v.string()),
  Labels: maybe(v.record(v.string(), v.string())),
});

/** An image from its description. */
export function describeImage(
  id: string,
  names: readonly string[],
  config: v.InferOutput<typeof imageConfig> | null | undefined,
): ContainerImage {
  return {
    id: bareId(id),
    names,
    env: environmentOf(config?.Env),
    command: config?.Cmd ?? [],
    entrypoint: wordList(config?.Entrypoint),
    user: config?.User ?? '',
    workingDir: config?.WorkingDir || '/',
    labels: config?.Labels ?? {},
  };
}

const imageSchema = v.object({ Id: v.string(), RepoTags: words, RepoDigests: words, Config: maybe(imageConfig) });

/** An image as the host has it. */
export const containerImage = engineQuestion<ContainerImage>(
  'image',
  (json) => {
    const { Id, RepoTags, RepoDigests, Config } = v.parse(imageSchema, json);
    return describeImage(Id, [...(RepoTags ?? []), ...(RepoDigests ?? [])], Config);
  },
  (image, name) =>
    image.names.some((one) => isSameImage(one, name)) ||
    (/^(?:sha256:)?[0-9a-f]{12,64}$/.test(name) && image.id.startsWith(bareId(name))),
);

/** Whether an image's full name is what a short one means: `docker.io/library/redis:latest`, `redis`. */
export function isSameImage(full: string, name: string): boolean {
  const last = name.slice(name.lastIndexOf('/') + 1);
  const tagged = last.includes(':') || last.includes('@') ? name : `${name}:latest`;
  return (
    full === tagged || ['docker.io/library', 'docker.io', 'localhost'].some((prefix) => full === `${prefix}/${tagged}`)
  );
}

export interface ContainerNetwork {
  readonly name: string;
  readonly driver: string;
  readonly subnets: readonly { readonly subnet: string; readonly gateway: string }[];
  readonly internal: boolean;
  readonly options: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  /** Names of the containers in it; docker tells of running ones only. */
  readonly containers: readonly string[];
}

const texts = maybe(v.record(v.string(), v.string()));
const dockerNetwork = v.object({
  Name: v.string(),
  Driver: v.string(),
  Internal: v.optional(v.boolean(), false),
  IPAM: maybe(
    v.object({
      Config: maybe(v.array(v.object({ Subnet: v.optional(v.string(), ''), Gateway: v.optional(v.string(), '') }))),
    }),
  ),
  Options: texts,
  Labels: texts,
  Containers: maybe(v.record(v.string(), v.object({ Name: v.string() }))),
});
const podmanNetwork = v.object({
  name: v.string(),
  driver: v.string(),
  internal: v.optional(v.boolean(), false),
  subnets: maybe(v.array(v.object({ subnet: v.string(), gateway: v.optional(v.string(), '') }))),
  options: texts,
  labels: texts,
  containers: maybe(v.record(v.string(), v.object({ name: v.string() }))),
});

/** A network of containers. */
export const containerNetwork = engineQuestion<ContainerNetwork>(
  'network',
  readNetwork,
  (network, name) => network.name === name,
);

function readNetwork(json: unknown): ContainerNetwork {
  if (v.is(dockerNetwork, json)) {
    const { Name, Driver, Internal, IPAM, Options, Labels, Containers } = v.parse(dockerNetwork, json);
    return {
      name: Name,
      driver: Driver,
      internal: Internal,
      subnets: (IPAM?.Config ?? []).map(({ Subnet, Gateway }) => ({ subnet: Subnet, gateway: Gateway })),
      options: Options ?? {},
      labels: Labels ?? {},
      containers: Object.values(Containers ?? {}).map((one) => one.Name),
    };
  }
  const { subnets, options, labels, containers, ...rest } = v.parse(podmanNetwork, json);
  return {
    ...rest,
    subnets: subnets ?? [],
    options: options ?? {},
    labels: labels ?? {},
    containers: Object.values(containers ?? {}).map((one) => one.name),
  };
}

export interface ContainerVolume {
  readonly name: string;
  readonly driver: string;
  readonly options: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
}

const volumeSchema = v.object({ Name: v.string(), Driver: v.string(), Options: texts, Labels: texts });

/** A named volume. */
export const containerVolume = engineQuestion<ContainerVolume>(
  'volume',
  (json) => {
    const { Name, Driver, Options, Labels } = v.parse(volumeSchema, json);
    return { name: Name, driver: Driver, options: Options ?? {}, labels: Labels ?? {} };
  },
  (volume, name) => volume.name === name,
);
