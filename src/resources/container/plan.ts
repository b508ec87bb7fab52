import { predict, settled, type Change, type Found, type Plan, type Step } from '../../contract/index.ts';
import { containersSubject } from './container-engine.probe.ts';
import { containerImage, type ContainerImage } from './container-parts.probe.ts';
import { container, type Container, type ContainerSettings } from './container.probe.ts';
import { reached } from './engine.ts';
import { environmentChanges, environmentFile, environmentFor } from './environment.ts';
import { enter, leave, make, operate, remove, updatePolicy } from './steps.ts';
import { commandWords, linksOf, settingsOf, type WantedContainer } from './wanted.ts';

export interface ContainerResult {
  /** The name of the container. */
  readonly name: string;
  /** Whether it runs afterwards. */
  readonly running: boolean;
}

const touched = [containersSubject];

export function planContainer(wanted: WantedContainer, found: Found): Plan<ContainerResult> {
  const question = container(wanted.engine, wanted.name);
  const answer = found.get(question);
  const gone: Plan<ContainerResult> = settled({ name: wanted.name, running: false });
  // Where there is no engine, there is no container either.
  if (wanted.state === 'absent' && 'down' in answer && answer.down.endsWith('installed')) return gone;
  const { engine, is: now } = reached(answer, wanted.engine, found);
  if (wanted.state === 'absent') {
    if (now === null) return gone;
    return {
      ...gone,
      changes: [{ what: 'state', from: stateOf(now), to: 'absent' }],
      steps: [remove(engine, wanted.name)],
      after: [predict(question, { engine, is: null })],
      touches: touched,
    };
  }
  const { image } = wanted;
  if (image !== undefined) return planMaking({ ...wanted, image }, engine, now, found);
  found.require(now !== null, {
    failure: `there is no container ${wanted.name}, and without \`image\` it cannot be made`,
    by: null,
  });
  return planState(wanted, engine, now);
}

/** Starts, stops or restarts what is there. */
function planState(wanted: WantedContainer, engine: 'docker' | 'podman', now: Container): Plan<ContainerResult> {
  const verb =
    wanted.state === 'stopped'
      ? now.running
        ? 'stop'
        : undefined
      : !now.running
        ? wanted.state === 'started'
          ? 'start'
          : undefined
        : wanted.restart
          ? 'restart'
          : undefined;
  const running = verb === undefined ? now.running : verb !== 'stop';
  const result = { name: wanted.name, running };
  if (verb === undefined) return settled(result);
  return {
    changes: [
      {
        what: 'state',
        from: stateOf(now),
        to: verb === 'restart' ? 'restarted' : verb === 'stop' ? 'stopped' : 'started',
      },
    ],
    steps: [operate(engine, verb, wanted.name)],
    after: [predict(container(wanted.engine, wanted.name), { engine, is: { ...now, running } })],
    touches: touched,
    again: verb === 'restart',
    result,
  };
}

function planMaking(
  wanted: WantedContainer & { readonly image: string },
  engine: 'docker' | 'podman',
  now: Container | null,
  found: Found,
): Plan<ContainerResult> {
  const imageQuestion = containerImage(wanted.engine, wanted.image);
  const answer = found.get(imageQuestion);
  const image = 'down' in answer ? null : answer.is;
  const mustPull = image === null;
  const isForbidden = mustPull && wanted.pull === 'never';
  found.presume(!isForbidden, {
    failure: `the host has no image ${wanted.image}, and \`pull: 'never'\` forbids fetching it`,
    hint: 'See containerImage.',
    by: 'down' in answer ? 'changes' : 'commands',
    assume: `the host has the image ${wanted.image}`,
  });
  const environment = environmentFor(wanted, image ?? undefined, found);
  const rules = Object.entries(settingsOf(wanted, image ?? undefined)) as [
    keyof ContainerSettings,
    ReturnType<typeof settingsOf>[keyof ContainerSettings],
  ][];
  const flags = [
    ...rules.flatMap(([, rule]) => rule.flags),
    ...Object.entries(wanted.labels).flatMap(([name, value]) => ['--label', `${name}=${value}`]),
  ];
  const [, ...more] = linksOf(wanted);
  const remake = (): Step =>
    make({
      engine,
      name: wanted.name,
      image: wanted.image,
      pull: wanted.pull,
      starts: wanted.state === 'started',
      links: more,
      flags,
      words: commandWords(wanted),
      environment: environmentFile(environment.own),
    });
  const predicted: Container = {
    name: wanted.name,
    running: wanted.state === 'started',
    imageId: image?.id ?? '',
    settings: {
      ...blank,
      ...now?.settings,
      ...Object.fromEntries(rules.flatMap(([key, { is }]) => (is === undefined ? [] : [[key, is]]))),
    },
    env: environment.all,
    labels: { ...image?.labels, ...wanted.labels },
    networks: Object.fromEntries(linksOf(wanted).map((link) => [link.name, link])),
  };
  const after = [
    predict(container(wanted.engine, wanted.name), { engine, is: predicted }),
    ...(mustPull
      ? [
          predict(
            imageQuestion,
            { engine, is: imageToCome(wanted.image) },
            `the image ${wanted.image} is pulled by then`,
          ),
        ]
      : []),
  ];
  const made = {
    steps: [remake()],
    after,
    touches: touched,
    again: wanted.recreate,
    assumed: mustPull && !isForbidden ? [`the registry has the image ${wanted.image}`] : [],
    result: { name: wanted.name, running: predicted.running },
  };
  const fetched: Change[] = mustPull ? [{ what: 'image', to: `${wanted.image} pulled` }] : [];
  if (now === null) return { ...made, changes: [{ what: 'state', from: 'absent', to: wanted.state }, ...fetched] };
  const differing = rules.flatMap(([key, { shown, is }]): Change[] =>
    is === undefined || comparable(engine, key, is) === comparable(engine, key, now.settings[key])
      ? []
      : [{ what: shown, from: told(now.settings[key]), to: told(is) }],
  );
  const policyOnly = differing.length === 1 && differing[0]?.what === 'restart policy' && engine === 'docker';
  const changes: Change[] = [
    ...(wanted.recreate ? [{ what: 'state', to: 'recreated' }] : []),
    ...(mustPull || image.id !== now.imageId
      ? [
          {
            what: 'image',
            from: now.imageId.slice(0, 12),
            to: image === null ? `${wanted.image} pulled` : image.id.slice(0, 12),
          },
        ]
      : []),
    ...(policyOnly ? [] : differing),
    ...environmentChanges(wanted, environment.all, now.env),
    ...labelChanges({ ...image?.labels, ...wanted.labels }, now.labels),
  ];
  if (changes.length > 0)
    return { ...made, changes: [...changes, { what: 'container', from: stateOf(now), to: 'recreated' }] };
  return planInPlace(wanted, engine, now, policyOnly ? differing : []);
}

/** What can be changed while it runs: its restart policy, its networks, and whether it runs. */
function planInPlace(
  wanted: WantedContainer,
  engine: 'docker' | 'podman',
  now: Container,
  policy: readonly Change[],
): Plan<ContainerResult> {
  const links = linksOf(wanted);
  const changes: Change[] = [...policy];
  const steps: Step[] = policy.length > 0 ? [updatePolicy(engine, wanted.name, wanted.restartPolicy)] : [];
  const isRight = (link: (typeof links)[number]): boolean => {
    const at = now.networks[link.name];
    // podman does not tell which address was asked for, only which one there is.
    const isThere =
      engine === 'docker'
        ? at?.ipv4Address === link.ipv4Address
        : link.ipv4Address === '' || !at?.current || at.current === link.ipv4Address;
    return at !== undefined && isThere && link.aliases.every((alias) => at.aliases.includes(alias));
  };
  if (links.length > 0) {
    for (const name of Object.keys(now.networks)) {
      const link = links.find((one) => one.name === name);
      if (link && isRight(link)) continue;
      steps.push(leave(engine, wanted.name, name));
      if (!link) changes.push({ what: `network ${name}`, from: 'joined', to: 'left' });
    }
    for (const link of links.filter((one) => !isRight(one))) {
      changes.push({
        what: `network ${link.name}`,
        from: now.networks[link.name] === undefined ? 'absent' : 'with other settings',
        to: link.ipv4Address === '' ? 'joined' : `joined as ${link.ipv4Address}`,
      });
      steps.push(enter(engine, wanted.name, link));
    }
  }
  const state = planState(wanted, engine, now);
  if (changes.length === 0) return state;
  const is: Container = {
    ...now,
    running: state.result.running,
    settings: { ...now.settings, restartPolicy: wanted.restartPolicy },
    networks: links.length > 0 ? Object.fromEntries(links.map((link) => [link.name, link])) : now.networks,
  };
  return {
    ...state,
    changes: [...changes, ...state.changes],
    steps: [...steps, ...state.steps],
    after: [predict(container(wanted.engine, wanted.name), { engine, is })],
    touches: touched,
  };
}

function labelChanges(wanted: Readonly<Record<string, string>>, now: Readonly<Record<string, string>>): Change[] {
  const names = [...new Set([...Object.keys(wanted), ...Object.keys(now)])].sort();
  return names
    .filter((name) => wanted[name] !== now[name])
    .map((name) => ({ what: `label ${name}`, from: now[name] ?? 'absent', to: wanted[name] ?? 'absent' }));
}

/** podman tells its capabilities as differences to docker's usual ones, and has never these three by itself. */
const ofDockerOnly = new Set(['AUDIT_WRITE', 'MKNOD', 'NET_RAW']);

function comparable(engine: 'docker' | 'podman', key: keyof ContainerSettings, text: string): string {
  if (engine === 'docker' || (key !== 'capAdd' && key !== 'capDrop')) return text;
  return text
    .split(' ')
    .filter((one) => !ofDockerOnly.has(one))
    .join(' ');
}

const stateOf = ({ running }: Container): string => (running ? 'running' : 'stopped');
const told = (text: string): string => (text === '' || text === '[]' ? 'none' : text);

const blank: ContainerSettings = {
  entrypoint: '[]',
  command: '[]',
  user: '',
  hostname: '',
  workingDir: '/',
  restartPolicy: 'no',
  stopTimeout: '',
  stopSignal: '',
  logDriver: '',
  networkMode: 'default',
  privileged: 'no',
  readOnly: 'no',
  memory: '0',
  init: 'no',
  capAdd: '',
  capDrop: '',
  etcHosts: '',
  ports: '',
  volumes: '',
};

/** Check mode: an image of which nothing is known until it is pulled. */
function imageToCome(name: string): ContainerImage {
  return { id: '', names: [name], env: {}, command: [], entrypoint: [], user: '', workingDir: '/', labels: {} };
}
