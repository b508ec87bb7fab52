/**
 * Ansible's Jinja: read into a tree, evaluated for variables. Imports formats, secrets, errors and values only; nothing
 * of it is needed by those whose files have no Jinja.
 */
export type * from './syntax/ast.ts';
export { placeIn } from './syntax/ast.ts';
export type { SyntaxOptions } from './syntax/options.ts';
export { parseJinja, parseJinjaExpression } from './syntax/parse.ts';
export { JinjaSyntaxError } from './syntax/problem.ts';
export { contentsOf, expressionsIn, namesOf, partsOf, statementsIn } from './syntax/visit.ts';
export { applyFilter, hasFilter, plainValue } from './evaluate/one-filter.ts';
export { evaluateText, renderText, type Variables } from './evaluate/template.ts';
export { BlockedError, JinjaError, type JinjaProblem } from './python/problem.ts';
export { FixedText, LazyMapping, Undefined, type CallArguments, type JinjaValue } from './python/value.ts';
export { hasLookup, lookUp, type LookupPlaces } from './lookups.ts';
export { isRunTimeName } from './run-time-names.ts';
export type { World } from './evaluate/scope.ts';
