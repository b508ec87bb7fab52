import * as v from 'valibot';
import type { Question } from '../../src/contract/index.ts';
import { defineResource, type ResourceFunction } from '../../src/playbook/index.ts';
import { content, stat } from '../../src/probes/index.ts';

const options = {
  path: v.string(),
  text: v.optional(v.string(), ''),
  fail: v.optional(v.boolean(), false),
  lie: v.optional(v.boolean(), false),
  always: v.optional(v.boolean(), false),
};

/**
 * A resource as small as one can be: a file with a text. It can be told to fail, to lie about what it did, to be due
 * always.
 */
export const marker: ResourceFunction<typeof options, { text: string }> = defineResource({
  name: 'marker',
  summary: 'For tests.',
  options,
  example: "marker({ path: '/tmp/x' })",
  title: (given) => given.path ?? '',
  prepare: (given) => given,
  probes: ({ path }) => [content(path) as Question],
  plan(wanted, found) {
    const now = found.get(content(wanted.path));
    const text = 'bytes' in now ? now.bytes.toString() : undefined;
    const result = { text: wanted.text };
    if (text === wanted.text && !wanted.always) return { changes: [], steps: [], after: [], touches: [], result };
    const script = wanted.fail ? 'echo no luck >&2; exit 3' : wanted.lie ? ':' : 'cat >"$1"';
    return {
      changes: [{ what: 'text', ...(text === undefined ? {} : { from: text }), to: wanted.text }],
      steps: [{ script, args: [wanted.path], stdin: Buffer.from(wanted.text) }],
      after: [
        { question: content(wanted.path), answer: { bytes: Buffer.from(wanted.text) } },
        {
          question: stat(wanted.path),
          answer: {
            type: 'file',
            mode: '0644',
            uid: 0,
            gid: 0,
            owner: 'root',
            group: 'root',
            size: wanted.text.length,
          },
        },
      ],
      touches: [],
      again: wanted.always,
      result,
    };
  },
});
