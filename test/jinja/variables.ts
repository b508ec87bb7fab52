import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  evaluateText,
  JinjaError,
  JinjaSyntaxError,
  Undefined,
  type JinjaValue,
  type Variables,
} from '../../src/jinja/index.ts';
import { readJson } from '../../src/jinja/python/json.ts';
import { reprOf } from '../../src/jinja/python/text.ts';
import { isPlainMapping } from '../../src/jinja/python/value.ts';

const folder = import.meta.dirname;

/** The variables that the expressions of `expressions.json` read, those in them evaluated as Ansible does. */
export function testVariables(): Variables {
  const written = frozen(readJson(readFileSync(join(folder, 'variables.json'), 'utf8')));
  if (!isPlainMapping(written)) throw new Error('variables.json holds a mapping');
  const variables: Variables = {
    written: (name) => (Object.hasOwn(written, name) ? written[name] : undefined),
    variable: (name) => {
      const value = variables.written(name);
      if (typeof value !== 'string' || !value.includes('{{')) return value;
      try {
        return evaluateText(value, variables);
      } catch (error) {
        if (error instanceof JinjaError && error.problem === 'undefined') return new Undefined(error.message);
        throw error;
      }
    },
    lookup: (name) => {
      throw new JinjaError('hole', `no lookup ${name} here`);
    },
  };
  return variables;
}

/** As values of an inventory are. */
function frozen(value: JinjaValue): JinjaValue {
  if (typeof value === 'object' && value !== null) {
    Object.values(value).forEach(frozen);
    Object.freeze(value);
  }
  return value;
}

/** What a text comes to, as `ask-ansible.py` writes it; a hole as `!hole`. */
export function answerTo(text: string, variables: Variables): string {
  try {
    return reprOf(evaluateText(text, variables));
  } catch (error) {
    if (error instanceof JinjaSyntaxError) return '!error';
    if (error instanceof JinjaError) return error.problem === 'wrong' ? '!error' : `!${error.problem}`;
    throw error;
  }
}
