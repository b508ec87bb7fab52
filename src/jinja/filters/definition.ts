import type { Parameters } from '../python/parameters.ts';
import type { SecretUse } from '../python/taint.ts';
import type { CallArguments, JinjaValue } from '../python/value.ts';

/** What filters that use other filters and tests have at hand (`map`, `select`). */
export interface Toolbox {
  readonly filter: (name: string, input: JinjaValue, args: CallArguments) => JinjaValue;
  readonly test: (name: string, input: JinjaValue, args: CallArguments) => boolean;
  /** `object.key` or `object[key]`, as `attribute='a.b.0'` has it. */
  readonly attribute: (object: JinjaValue, path: JinjaValue) => JinjaValue;
  /** `object[key]` */
  readonly item: (object: JinjaValue, key: JinjaValue) => JinjaValue;
}

export interface FilterDefinition {
  /** Names of the arguments behind the input, as `Parameters` takes them. */
  readonly parameters: readonly string[];
  readonly secrets: SecretUse;
  /** Whether it has something to say of what is not there. */
  readonly takesUndefined?: boolean;
  readonly call: (input: JinjaValue, given: Parameters, tools: Toolbox) => JinjaValue;
}

export type Filters = Readonly<Record<string, FilterDefinition>>;

/** A filter that makes one text of its input: secret as soon as an argument is. */
export function textFilter(
  parameters: readonly string[],
  call: (input: JinjaValue, given: Parameters) => string,
): FilterDefinition {
  return { parameters, secrets: 'text', call };
}

/** A filter that has to see the texts it is given. */
export function openFilter(parameters: readonly string[], call: FilterDefinition['call']): FilterDefinition {
  return { parameters, secrets: 'opened', call };
}

/** A filter that moves values about and leaves secrets where they are. */
export function movingFilter(parameters: readonly string[], call: FilterDefinition['call']): FilterDefinition {
  return { parameters, secrets: 'kept', call };
}
