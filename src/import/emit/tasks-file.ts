import type { AnsibleItem } from '../ansible/tree.ts';
import { importLines } from '../templates/store.ts';
import { joined, list, print, type Doc } from './doc.ts';
import type { FileScope } from './scope.ts';
import { TasksWriter, type Surroundings } from './tasks-writer.ts';

/** How a function of tasks looks. */
export interface TasksFunction {
  readonly name: string;
  readonly isExported: boolean;
  /** The type of its context, with the file it is imported from. */
  readonly context: { readonly type: string; readonly from: string };
  /** What gives all variables, computed ones included; with none, those of the context. */
  readonly variables?: { readonly call: string; readonly from: string };
  readonly parameters: readonly string[];
  /** It begins what several files share. */
  readonly isFirst: boolean;
  readonly comment: string;
}

const ofContext = ['host', 'vars', 'groups', 'hostvars', 'playHosts'];

/** A function that gives the tasks of one file. */
export function tasksFunction(
  items: readonly AnsibleItem[],
  scope: FileScope,
  around: Surroundings,
  made: TasksFunction,
): string {
  const writer = new TasksWriter(scope, around);
  const docs = writer.items(items);
  const { parts } = scope;
  const typed = scope.use(`type ${made.context.type}`, made.context.from).slice('type '.length);
  scope.use('type TaskItem', 'play');
  const given =
    made.parameters.length > 0 ? [`given: { ${made.parameters.map((name) => `${name}?: any`).join('; ')} }`] : [];
  const usesKnown = parts.has('known');
  const isUsed = parts.size > 0;
  const parameters = made.isFirst
    ? [`${isUsed ? 'context' : '_context'}: ${typed}`]
    : [`${isUsed ? 'context' : '_context'}: ${typed}`, `${usesKnown ? 'known' : '_known'}: ${known(scope)}`, ...given];
  const statements: Doc[] = [];
  const variables = made.variables;
  const isComputed = variables !== undefined && parts.has('vars');
  const fromContext = ofContext.filter((part) => parts.has(part) && !(part === 'vars' && isComputed));
  if (fromContext.length > 0) statements.push(`const { ${fromContext.join(', ')} } = context;`);
  if (isComputed) statements.push(`const vars = ${scope.use(variables.call, variables.from)}(context);`);
  if (made.isFirst && usesKnown) statements.push(`const known: ${known(scope)} = {};`);
  const body = [...statements, ...writer.statements].map((one) => `  ${print(one, 2)}\n`).join('');
  const result = print(joined('return ', list(docs, docs.length > 1), ';'), 2);
  const head = print(
    joined(`${made.isExported ? 'export ' : ''}function ${made.name}(${parameters.join(', ')}): TaskItem[] {`),
  );
  return `/** ${made.comment} */\n${head}\n${body}  ${result}\n}\n`;
}

const known = (scope: FileScope): string => scope.use('type Known').slice('type '.length);

/** A whole file: its imports, then what it holds. */
export const fileText = (scope: FileScope, path: string, body: string): string => {
  const imports = importLines(scope.imports, path);
  return imports === '' ? body : `${imports}\n${body}`;
};
