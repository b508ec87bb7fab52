import { toJsonSchema, type JsonSchema } from '@valibot/to-json-schema';
import type * as v from 'valibot';
import { Secret } from '../../../secrets/index.ts';

/** The parts of JSON Schema (draft 7) that are made here; `true` takes anything. */
export type Schema = JsonSchema;

/**
 * What may stand in place of any value, since only a run knows what comes of it: a Jinja expression, and what Ansible
 * Vault, age or sops encrypted.
 */
export const laterName = 'later';
export const later: Schema = {
  title: 'an expression of Jinja, or an encrypted value',
  type: 'string',
  pattern: '\\{[{%#]|^\\s*(?:\\$ANSIBLE_VAULT;|-----BEGIN AGE ENCRYPTED FILE-----|ENC\\[)',
};

/**
 * A variable's schema as one of JSON Schema. What only code can check (`v.check`) is left to the run; wherever a value
 * is checked, an expression or an encrypted text passes.
 */
export function variableSchema(schema: v.GenericSchema): Schema {
  const { $schema: _, ...converted } = toJsonSchema(schema, {
    typeMode: 'input',
    errorMode: 'ignore',
    overrideSchema: ({ valibotSchema }) =>
      valibotSchema.type === 'instance' && 'class' in valibotSchema && valibotSchema.class === Secret
        ? { type: 'string' }
        : undefined,
    overrideAction: ({ valibotAction, jsonSchema }) => {
      if (valibotAction.type !== 'regex' || !('requirement' in valibotAction)) return undefined;
      const { requirement } = valibotAction;
      // JSON Schema knows no flags.
      if (!(requirement instanceof RegExp) || requirement.flags.replace(/[uv]/, '') !== '') return jsonSchema;
      const message = 'message' in valibotAction ? valibotAction.message : undefined;
      const words = typeof message === 'string' ? { patternErrorMessage: message } : {};
      return { ...jsonSchema, pattern: requirement.source, ...words };
    },
  });
  return allowLater(converted);
}

/** Draft 7 has a schema for anything, `true`, and one for nothing, `false`. */
type Part = Schema | boolean;

/** Lets an expression stand wherever something else than any text is asked for. */
function allowLater(schema: Schema): Schema {
  const { description, title, default: standard, ...checks } = inside(schema);
  const said = {
    ...(title === undefined ? {} : { title }),
    ...(description === undefined ? {} : { description }),
    ...(standard === undefined ? {} : { default: standard }),
  };
  const isAny = Object.keys(checks).length === 0;
  const isText = checks.type === 'string' && Object.keys(checks).length === 1;
  if (isAny || isText) return { ...said, ...checks };
  // Not `anyOf`: an editor would say that neither fits, in place of what is wrong.
  // oxlint-disable-next-line unicorn/no-thenable -- a keyword of JSON Schema.
  return { ...said, if: { $ref: `#/$defs/${laterName}` }, then: true, else: checks };
}

function inside(schema: Schema): Schema {
  const { properties, items, additionalProperties, anyOf } = schema;
  return {
    ...schema,
    ...(properties === undefined
      ? {}
      : { properties: Object.fromEntries(Object.entries(properties).map(([name, one]) => [name, part(one)])) }),
    ...(items === undefined || Array.isArray(items) ? {} : { items: part(items) }),
    ...(additionalProperties === undefined ? {} : { additionalProperties: part(additionalProperties) }),
    // The alternatives themselves stay, what is inside of them does not.
    ...(anyOf === undefined ? {} : { anyOf: anyOf.map((one) => (typeof one === 'boolean' ? one : inside(one))) }),
  };
}

const part = (schema: Part): Part => (typeof schema === 'boolean' ? schema : allowLater(schema));
