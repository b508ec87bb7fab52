import * as v from 'valibot';
import { settled, type Plan } from '../../contract/index.ts';
import { defineResource } from '../../playbook/index.ts';
import { hideSecrets } from '../../secrets/index.ts';
import { jsonOf } from '../../values/index.ts';
import { anything, text } from '../kit/schemas.ts';

interface DebugResult {
  /** What was shown: `msg`, or `var` as JSON. */
  readonly msg: string;
}

/** Says something in the run. */
export const debug = defineResource({
  name: 'debug',
  summary: 'Shows a message, or a value such as an earlier result. Changes nothing; runs in check mode too.',
  options: {
    msg: v.optional(text('The message. Use a function of facts and results for what is known only during the run.')),
    var: v.optional(
      v.pipe(anything, v.description('A value to show as JSON, instead of `msg`. Secrets in it are masked.')),
    ),
  },
  example: `debug({ msg: ({ facts }) => \`kernel \${facts.kernel}\` })
debug({ var: ({ results }) => results(version) })`,
  validateOptions: (options) =>
    (options.msg === undefined) === (options.var === undefined) ? 'give either `msg` or `var`' : undefined,
  onlySays: true,
  title: (options) => options.msg ?? '',
  prepare: (options) =>
    options.msg === undefined ? (jsonOf(hideSecrets(options.var), 2) ?? 'undefined') : options.msg,
  probes: () => [],
  plan: (message): Plan<DebugResult> => ({ ...settled({ msg: message }), message }),
});
