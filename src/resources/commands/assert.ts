import * as v from 'valibot';
import type { Plan } from '../../contract/index.ts';
import { defineResource } from '../../playbook/index.ts';
import { text } from '../kit/schemas.ts';

const condition = v.strictObject({
  that: v.pipe(v.boolean(), v.description('What must hold.')),
  msg: text('The message if it does not hold.'),
});

interface AssertResult {
  /** The message: why the condition does not hold, or `successMsg`; empty if there is none. */
  readonly msg: string;
}

type Condition = boolean | v.InferOutput<typeof condition>;

/** Stops the host where something does not hold. */
export const assert = defineResource({
  name: 'assert',
  summary: 'Fails the host, before anything more is done to it, if a condition does not hold. Runs in check mode too.',
  options: {
    that: v.pipe(
      v.union([v.boolean(), v.array(v.union([v.boolean(), condition]))]),
      v.description(
        'What must hold: a boolean, or a list of booleans and `{ that, msg }`. Usually a function of facts and results.',
      ),
    ),
    failMsg: v.optional(text('The message if it does not hold.')),
    successMsg: v.optional(text('The message if it holds. Default: none.')),
  },
  example: `assert({
  that: ({ facts }) => [
    { that: facts.distribution === 'debian', msg: 'this role knows Debian only' },
    { that: facts.memoryMb >= 1024, msg: 'needs 1 GiB of memory' },
  ],
})`,
  title: (options) => options.successMsg ?? '',
  prepare: (options) => options,
  probes: () => [],
  plan({ that, failMsg, successMsg }): Plan<AssertResult> {
    const conditions: readonly Condition[] = typeof that === 'boolean' ? [that] : that;
    const broken = conditions.flatMap((one, i) =>
      holds(one)
        ? []
        : [typeof one === 'boolean' ? `condition ${i + 1} of ${conditions.length} does not hold` : one.msg],
    );
    const msg =
      broken.length > 0
        ? [
            ...(failMsg === undefined ? [] : [failMsg]),
            ...(conditions.length > 1 || failMsg === undefined ? broken : []),
          ].join('; ')
        : (successMsg ?? '');
    return {
      changes: [],
      steps: [],
      after: [],
      touches: [],
      result: { msg },
      ...(broken.length > 0 ? { failure: msg } : successMsg === undefined ? {} : { message: successMsg }),
    };
  },
});

function holds(one: Condition): boolean {
  return typeof one === 'boolean' ? one : one.that;
}
