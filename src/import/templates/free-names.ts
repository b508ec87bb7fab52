import { partsOf, type Expression, type Statement, type Target } from '../../jinja/index.ts';

/** The names a template reads and does not set itself. */
export function freeNames(body: readonly Statement[]): Set<string> {
  const free = new Set<string>();
  visit(
    body,
    new Set([
      'loop',
      'range',
      'lookup',
      'query',
      'q',
      'omit',
      'namespace',
      'dict',
      'cycler',
      'joiner',
      'lipsum',
      'now',
    ]),
    free,
  );
  return free;
}

function read(expression: Expression | undefined, bound: ReadonlySet<string>, free: Set<string>): void {
  if (expression === undefined) return;
  if (expression.kind === 'name' && !bound.has(expression.name)) free.add(expression.name);
  for (const part of partsOf(expression)) read(part, bound, free);
}

const namesIn = (target: Target): string[] =>
  target.kind === 'name' ? [target.name] : target.kind === 'targets' ? target.targets.flatMap(namesIn) : [];

/** Names that are set count from there on to the end of what they are set in. */
function visit(body: readonly Statement[], outer: ReadonlySet<string>, free: Set<string>): void {
  const bound = new Set(outer);
  for (const one of body) {
    switch (one.kind) {
      case 'output':
        read(one.expression, bound, free);
        break;
      case 'if':
        for (const { test, body: inner } of one.branches) {
          read(test, bound, free);
          visit(inner, bound, free);
        }
        visit(one.otherwise ?? [], bound, free);
        break;
      case 'for': {
        read(one.iterable, bound, free);
        const inner = new Set([...bound, ...namesIn(one.target)]);
        read(one.test, inner, free);
        visit(one.body, inner, free);
        visit(one.otherwise ?? [], bound, free);
        break;
      }
      case 'set':
        read(one.value, bound, free);
        for (const name of namesIn(one.target)) bound.add(name);
        break;
      case 'set block':
        visit(one.body, bound, free);
        for (const name of namesIn(one.target)) bound.add(name);
        break;
      case 'macro': {
        bound.add(one.name);
        for (const { fallback } of one.parameters) read(fallback, bound, free);
        visit(one.body, new Set([...bound, ...one.parameters.map(({ name }) => name)]), free);
        break;
      }
      case 'do':
        read(one.expression, bound, free);
        break;
      case 'filter block':
        read(one.filter, bound, free);
        visit(one.body, bound, free);
        break;
      default:
        break;
    }
  }
}
