import * as v from 'valibot';
import type { Options } from '../../contract/index.ts';
import type { Data, DataEdit } from '../../formats/data-edit.ts';
import { reveal, Secret, secretsIn } from '../../secrets/index.ts';
import { PythonValue, mappingOf } from '../../values/index.ts';
import { anything, backup, flag, follow, group, mode, owner, path, validate } from '../kit/schemas.ts';

const key = v.union([v.string(), v.array(v.union([v.string(), v.pipe(v.number(), v.integer(), v.minValue(0))]))]);

/** What jsonFile and yamlFile take alike. */
export const dataOptions = {
  path: path('The file. A link is followed.'),
  follow,
  key: v.optional(
    v.pipe(
      key,
      v.description(
        'The place in the document: names joined by dots (`server.ports.0`; list items count from 0), or a list of names if one contains a dot. Missing parts of the path are created. Default: the whole document.',
      ),
    ),
    [],
  ),
  value: v.optional(
    v.pipe(
      anything,
      v.check(
        (value) => isData(value),
        'must be plain data: strings, numbers, booleans, null, lists and mappings of these, Secrets',
      ),
      v.description(
        'The value: a string, number, boolean, null, list or mapping. May contain Secrets. Only what differs is rewritten, so that comments inside stay.',
      ),
    ),
  ),
  state: v.optional(
    v.pipe(v.picklist(['present', 'absent']), v.description('`absent` removes the key; with `append`, the item.')),
    'present',
  ),
  merge: flag('`value` is a mapping whose keys are set; other keys stay, at every depth.', false),
  append: flag('`key` is a list, and `value` an item that should be in it, or should not.', false),
  create: flag('Create the file if it does not exist.', true),
  validate,
  backup,
  mode,
  owner,
  group,
};

type DataOptions = Options<typeof dataOptions>;

export function refuseData({ key, value, state, merge, append }: DataOptions): string | undefined {
  if (value === undefined && (state === 'present' || append)) return 'give the `value`';
  if (state === 'absent' && key.length === 0)
    return "give the `key` to remove; a whole file goes with file({ path, state: 'absent' })";
  if (state === 'absent' && value !== undefined && !append)
    return "state 'absent' takes no `value`: the key goes whatever it holds";
  if (merge && append) return 'give `merge` or `append`, not both';
  if (merge && (typeof value !== 'object' || value === null || Array.isArray(value) || value instanceof Secret))
    return '`merge` needs a mapping as `value`';
  return undefined;
}

export function titleOf({ path, key }: Partial<DataOptions>): string {
  const where = typeof key === 'string' ? key : (key ?? []).join('.');
  return `${path ?? ''}${where === '' ? '' : ` ${where}`}`;
}

export function prepareData({ key, value, state, merge, append, ...file }: DataOptions) {
  const secrets = [...secretsIn(value)];
  const edit: DataEdit = {
    key: typeof key === 'string' ? key.split('.') : key,
    value: value === undefined ? undefined : exposed(value),
    state,
    merge,
    append,
  };
  return { edit, file: { ...file, onlyIfThere: state === 'absent', ...(secrets.length > 0 ? { secrets } : {}) } };
}

function isData(value: unknown): boolean {
  if (value === null || value instanceof Secret || ['string', 'boolean'].includes(typeof value)) return true;
  if (typeof value === 'number') return Number.isFinite(value);
  // A number of more digits than are kept has to be text.
  if (value instanceof PythonValue) return value.kind !== 'int' && (!value.isNumber || Number.isFinite(value.plain));
  if (Array.isArray(value)) return value.every(isData);
  return isPlain(value) && Object.values(value).every(isData);
}

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function exposed(value: unknown): Data {
  if (value instanceof Secret) return reveal(value);
  // What is compared with the file is what its format has: 1.0 is 1 there, too.
  if (value instanceof PythonValue) return value.isNumber ? Number(value) : value.text;
  if (Array.isArray(value)) return value.map(exposed);
  if (isPlain(value))
    return mappingOf(Object.entries(value).map(([name, one]): [string, Data] => [name, exposed(one)]));
  return value as Data;
}
