/** From a round to the playbook a reader can run. */
import { Reading, tasksOf, type ItemSpec, type Round, type TaskSpec } from './round.ts';
import { printKey, printValue, readBy, readingsIn } from './values.ts';

export function printRound(round: Round): string {
  const read = new Set(tasksOf(round.items).flatMap(readBy));
  const named = tasksOf(round.items).filter((task) => read.has(task.name));
  return [
    ...(round.host.length === 0
      ? []
      : [
          `// The host, as root: mkdir -p '${round.dir}'; cd '${round.dir}'`,
          ...round.host.map((line) => `//   ${line}`),
        ]),
    ...round.handlers.map(({ name, task }) => `const ${name} = handler('${name}', () => ${printTask(task)});`),
    `tasks: () => {`,
    ...named.map((task) => `  const ${task.name} = ${printTask(task)};`),
    `  return [`,
    ...round.items.flatMap((item) => printItem(item, read)).map((line) => `    ${line}`),
    `  ];`,
    `},`,
  ].join('\n');
}

function printItem(item: ItemSpec, read: ReadonlySet<string>): string[] {
  if (item.kind === 'task') return [`${read.has(item.name) ? item.name : printTask(item)},`];
  const list = (items: readonly ItemSpec[]): string[] =>
    items.flatMap((one) => printItem(one, read)).map((line) => `  ${line}`);
  const part = (name: string, items: readonly ItemSpec[]): string[] =>
    items.length === 0 ? [] : [`  ${name}: [`, ...list(items).map((line) => `  ${line}`), '  ],'];
  return [
    'block([',
    ...list(item.tasks),
    '], {',
    ...part('rescue', item.rescue),
    ...part('always', item.always),
    '}),',
  ];
}

function printTask({ resource, options, keywords }: TaskSpec): string {
  const entries = Object.entries(options).map(
    ([name, value]) =>
      `${printKey(name)}: ${readingsIn(value).length > 0 ? `({ results }) => ${wrapped(printValue(value))}` : printValue(value)}`,
  );
  const { when, changedWhen, failedWhen, notify, ignoreErrors, becomeUser } = keywords;
  const said = [
    ...(becomeUser === undefined ? [] : [`becomeUser: '${becomeUser}'`]),
    ...(when === undefined ? [] : [`when: ${when === true ? 'true' : `({ results }) => ${printValue(when)}`}`]),
    ...(changedWhen === undefined ? [] : [`changedWhen: ${judgement(changedWhen)}`]),
    ...(failedWhen === undefined ? [] : [`failedWhen: ${judgement(failedWhen)}`]),
    ...(notify ? [`notify: [${notify.join(', ')}]`] : []),
    ...(ignoreErrors ? ['ignoreErrors: true'] : []),
  ];
  return `${resource}({ ${entries.join(', ')} }${said.length > 0 ? `, { ${said.join(', ')} }` : ''})`;
}

const wrapped = (code: string): string => (code.startsWith('{') ? `(${code})` : code);

function judgement(of: boolean | Reading): string {
  return of instanceof Reading ? `({ result }) => ${printValue(of, () => 'result')}` : String(of);
}
