import type { Arguments, Expression, Statement, Target, Template } from './ast.ts';

/** What stands directly below an expression, in the order it is written. */
export function partsOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case 'text':
    case 'integer':
    case 'float':
    case 'constant':
    case 'name':
      return [];
    case 'list':
    case 'tuple':
      return expression.items;
    case 'dict':
      return expression.entries.flat();
    case 'attribute':
      return [expression.object];
    case 'item':
      return [expression.object, expression.key];
    case 'slice':
      return present(expression.start, expression.stop, expression.step);
    case 'call':
      return [expression.callee, ...argumentsOf(expression.args)];
    case 'filter':
      return [...present(expression.input), ...argumentsOf(expression.args)];
    case 'test':
      return [expression.input, ...argumentsOf(expression.args)];
    case 'unary':
      return [expression.operand];
    case 'binary':
    case 'logical':
      return [expression.left, expression.right];
    case 'concat':
      return expression.parts;
    case 'compare':
      return [expression.first, ...expression.rest.map(([, operand]) => operand)];
    case 'conditional':
      return present(expression.value, expression.test, expression.otherwise);
  }
}

/** The expressions of a statement itself, and the statements within it. */
export function contentsOf(statement: Statement): {
  readonly expressions: readonly Expression[];
  readonly bodies: readonly (readonly Statement[])[];
} {
  const contents = (
    expressions: readonly (Expression | undefined)[] = [],
    ...bodies: readonly (readonly Statement[] | undefined)[]
  ): ReturnType<typeof contentsOf> => ({
    expressions: present(...expressions),
    bodies: bodies.filter((body) => body !== undefined),
  });
  switch (statement.kind) {
    case 'plain':
    case 'break':
    case 'continue':
      return contents();
    case 'output':
    case 'do':
      return contents([statement.expression]);
    case 'if':
      return contents(
        statement.branches.map(({ test }) => test),
        ...statement.branches.map(({ body }) => body),
        statement.otherwise,
      );
    case 'for':
      return contents([statement.iterable, statement.test], statement.body, statement.otherwise);
    case 'set':
      return contents([statement.value]);
    case 'set block':
    case 'filter block':
      return contents([statement.filter], statement.body);
    case 'with':
      return contents(
        statement.assignments.map(([, value]) => value),
        statement.body,
      );
    case 'macro':
      return contents(
        statement.parameters.map(({ fallback }) => fallback),
        statement.body,
      );
    case 'call block':
      return contents([...statement.parameters.map(({ fallback }) => fallback), statement.call], statement.body);
    case 'include':
    case 'import':
    case 'from import':
    case 'extends':
      return contents([statement.template]);
    case 'block':
      return contents([], statement.body);
  }
}

/** Every expression of a template or expression, outer ones before those within them. */
export function* expressionsIn(of: Template | Expression | readonly Statement[]): Generator<Expression> {
  if ('body' in of) yield* expressionsIn(of.body);
  else if (isStatements(of)) {
    for (const statement of of) {
      const { expressions, bodies } = contentsOf(statement);
      for (const expression of expressions) yield* expressionsIn(expression);
      for (const body of bodies) yield* expressionsIn(body);
    }
  } else {
    yield of;
    for (const part of partsOf(of)) yield* expressionsIn(part);
  }
}

/** Every statement of a template, outer ones before those within them. */
export function* statementsIn(body: readonly Statement[]): Generator<Statement> {
  for (const statement of body) {
    yield statement;
    for (const inner of contentsOf(statement).bodies) yield* statementsIn(inner);
  }
}

/** The names that a target binds. */
export function namesOf(target: Target): readonly string[] {
  if (target.kind === 'name') return [target.name];
  return target.kind === 'targets' ? target.targets.flatMap(namesOf) : [];
}

function argumentsOf({ positional, named, rest, namedRest }: Arguments): readonly Expression[] {
  return [...positional, ...named.map(([, value]) => value), ...present(rest, namedRest)];
}

function present(...expressions: readonly (Expression | undefined)[]): Expression[] {
  return expressions.filter((expression) => expression !== undefined);
}

function isStatements(of: Expression | readonly Statement[]): of is readonly Statement[] {
  return Array.isArray(of);
}
