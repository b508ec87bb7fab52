import { isDeepStrictEqual } from 'node:util';
import type { DeclaredRole } from '../../../playbook/index.ts';
import { connectionSchemas } from './connection-schemas.ts';
import { later, laterName, variableSchema, type Schema } from './variable-schema.ts';

/** The schemas of a project, by the name of their file. */
export const schemaFiles = { vars: 'vars.schema.json', inventory: 'inventory.schema.json' } as const;

const draft = 'http://json-schema.org/draft-07/schema#';

/** A schema for files of `group_vars/` and `host_vars/`, and one for inventories in YAML. @param roles those in use */
export function projectSchemas(roles: readonly DeclaredRole[]): Readonly<Record<keyof typeof schemaFiles, Schema>> {
  const variables: Schema = {
    type: ['object', 'null'],
    properties: variablesOf(roles),
    // As in Ansible anyone may have variables of their own; `play lint` finds those that nobody reads.
    additionalProperties: true,
  };
  return {
    vars: {
      $schema: draft,
      title: 'Variables of hosts and groups',
      // A whole file may be encrypted.
      if: { $ref: `#/$defs/${laterName}` },
      // oxlint-disable-next-line unicorn/no-thenable -- a keyword of JSON Schema.
      then: true,
      else: variables,
      $defs: { [laterName]: later },
    },
    inventory: {
      $schema: draft,
      title: 'Inventory: groups, their hosts, their variables',
      type: 'object',
      // What tells a plugin of Ansible's what to do is no inventory.
      if: { required: ['plugin'], properties: { plugin: { type: 'string' } } },
      // oxlint-disable-next-line unicorn/no-thenable -- a keyword of JSON Schema.
      then: true,
      else: { additionalProperties: { $ref: '#/$defs/group' } },
      $defs: { [laterName]: later, variables, group: groupSchema },
    },
  };
}

const groupSchema: Schema = {
  type: ['object', 'null'],
  properties: {
    hosts: {
      description: 'Its hosts: NAME: with variables below, or with nothing. A range is web[01:20].',
      anyOf: [
        { type: ['object', 'null'], additionalProperties: { $ref: '#/$defs/variables' } },
        { type: 'string', description: 'The name of its only host.' },
      ],
    },
    children: {
      description: 'Groups that belong to it.',
      anyOf: [
        { type: ['object', 'null'], additionalProperties: { $ref: '#/$defs/group' } },
        { type: 'string', description: 'The name of the only one.' },
      ],
    },
    vars: { description: 'Variables of its hosts.', $ref: '#/$defs/variables' },
  },
  additionalProperties: false,
};

/** What roles say of one variable, where they check it alike. */
interface Variant {
  readonly checks: Schema;
  readonly standard: Schema['default'];
  /** Each meaning, with the roles that give it. */
  readonly meanings: Map<string, string[]>;
}

/** Each variable once. Of roles that ask different things of one name both count: what either takes passes. */
function variablesOf(roles: readonly DeclaredRole[]): Record<string, Schema> {
  const found = new Map<string, Variant[]>();
  for (const { name: role, vars = {} } of roles) {
    for (const [name, declared] of Object.entries(vars)) {
      const { description = '', default: standard, ...checks } = variableSchema(declared);
      const variants = found.get(name) ?? [];
      let variant = variants.find((one) => isDeepStrictEqual([one.checks, one.standard], [checks, standard]));
      if (variant === undefined) variants.push((variant = { checks, standard, meanings: new Map() }));
      variant.meanings.set(description, [...(variant.meanings.get(description) ?? []), role]);
      found.set(name, variants);
    }
  }
  const ofRoles = [...found].map(([name, variants]): [string, Schema] => {
    const [first, ...more] = variants.map(schemaOf);
    if (first === undefined || more.length === 0) return [name, first ?? {}];
    const all = [first, ...more];
    return [name, { description: all.map(({ description }) => description).join(' '), anyOf: all }];
  });
  return { ...connectionSchemas, ...Object.fromEntries(ofRoles.sort(([a], [b]) => (a < b ? -1 : 1))) };
}

function schemaOf({ checks, standard, meanings }: Variant): Schema {
  const description = [...meanings].map(([meaning, roles]) => {
    const names = [...new Set(roles)];
    return `${meaning} (${names.length === 1 ? 'role' : 'roles'} ${names.join(', ')})`.trim();
  });
  return {
    description: description.join(' '),
    ...(standard === undefined ? {} : { default: standard }),
    ...checks,
  };
}
