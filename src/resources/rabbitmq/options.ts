import * as v from 'valibot';
import { text } from '../kit/schemas.ts';

/** A name of an account or virtual host, which a tool of theirs cannot take for an option. */
export const rabbitmqName = (description: string) =>
  v.pipe(
    text(description),
    v.regex(/^[^\p{Cc}]+$/u, 'must be one line'),
    v.regex(/^[^-]/, 'must not begin with a dash'),
  );

export const node = v.optional(
  v.pipe(
    text("The node to talk to, `rabbit@db1`. Default: the host's own."),
    v.regex(/^[\w.@-]+$/, 'must be the name of a node, such as rabbit@db1'),
  ),
);

export const state = v.optional(
  v.pipe(v.picklist(['present', 'absent']), v.description('Whether it should exist. Default `present`.')),
  'present',
);
