/** From a round to the play that is run. */
import {
  block,
  handler,
  makeTask,
  type Block,
  type Handler,
  type Keywords,
  type PlaySpec,
  type ResourceFunction,
  type Task,
} from '../../src/playbook/index.ts';
import * as all from '../../src/resources/index.ts';
import { Reading, type ItemSpec, type Round, type TaskSpec } from './round.ts';
import { evaluate, readingsIn, readingValue } from './values.ts';

type Maker = (options: Readonly<Record<string, unknown>>, keywords: Keywords<never>) => Task;

function maker<R>(of: ResourceFunction<never, R>): Maker {
  return (options, keywords) => makeTask(of.resource, options, keywords, maker);
}

const makers = new Map<string, Maker>(
  Object.values(all).flatMap((one): [string, Maker][] =>
    typeof one === 'function' && 'resource' in one
      ? [[one.resource.name, maker(one as unknown as ResourceFunction<never>)]]
      : [],
  ),
);

export function buildPlay(round: Round): PlaySpec {
  const handlers = new Map<string, Handler>();
  for (const { name, task } of round.handlers)
    handlers.set(
      name,
      handler(name, () => buildTask(task, new Map(), handlers, name)),
    );
  return {
    hosts: 'all',
    tasks: () => {
      const made = new Map<string, Task>();
      return round.items.map((item) => buildItem(item, made, handlers));
    },
  };
}

function buildItem(item: ItemSpec, made: Map<string, Task>, handlers: ReadonlyMap<string, Handler>): Task | Block {
  if (item.kind === 'task') return buildTask(item, made, handlers);
  const list = (items: readonly ItemSpec[]): (Task | Block)[] => items.map((one) => buildItem(one, made, handlers));
  return block(list(item.tasks), { rescue: list(item.rescue), always: list(item.always) });
}

function buildTask(
  spec: TaskSpec,
  made: Map<string, Task>,
  handlers: ReadonlyMap<string, Handler>,
  title = `${spec.name} ${spec.resource}`,
): Task {
  const options = Object.fromEntries(
    Object.entries(spec.options).map(([name, value]) => {
      if (readingsIn(value).length === 0) return [name, evaluate(value, () => undefined)];
      return [
        name,
        ({ results }: { results: (task: Task) => unknown }) => evaluate(value, (of) => results(predict(made, of))),
      ];
    }),
  );
  const { when, changedWhen, failedWhen, notify, ...plain } = spec.keywords;
  const keywords: Keywords<never> = {
    name: title,
    ...plain,
    ...(when && {
      when: when === true ? true : ({ results }) => readingValue(when, results(predict(made, when.of))) === true,
    }),
    ...(changedWhen !== undefined && { changedWhen: judgement(changedWhen) }),
    ...(failedWhen !== undefined && { failedWhen: judgement(failedWhen) }),
    ...(notify && { notify: notify.flatMap((name) => handlers.get(name) ?? []) }),
  };
  const make = makers.get(spec.resource);
  if (!make) throw new Error(`there is no resource ${spec.resource}`);
  const task = make(options, keywords);
  made.set(spec.name, task);
  return task;
}

function judgement(of: boolean | Reading): boolean | ((context: { result: unknown }) => boolean) {
  return of instanceof Reading ? ({ result }) => readingValue(of, result) === true : of;
}

function predict(made: ReadonlyMap<string, Task>, name: string): Task {
  const task = made.get(name);
  if (!task) throw new Error(`${name} is read before it is made`);
  return task;
}
