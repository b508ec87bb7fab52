import * as v from 'valibot';
import { settled, type Found, type Plan } from '../../contract/index.ts';
import { utf8 } from '../../formats/text-bytes.ts';
import { defineResource } from '../../playbook/index.ts';
import { content, linkTarget, self, stat } from '../../probes/index.ts';
import { fileQuestions, planFile } from '../kit/file-content.ts';
import { inOrder } from '../kit/in-order.ts';
import { planLink, targetOf } from '../kit/link.ts';
import { text } from '../kit/schemas.ts';

const link = '/etc/localtime';
const file = '/etc/timezone';
const zones = '/usr/share/zoneinfo';

/** The time zone of the host. */
export const timezone = defineResource({
  name: 'timezone',
  summary: "Sets the host's time zone. Programs already running keep the old one until they are restarted.",
  options: {
    name: v.pipe(
      text('The zone as in /usr/share/zoneinfo: `Europe/Berlin`, `UTC`.'),
      v.regex(/^[A-Za-z0-9_+-]+(?:\/[A-Za-z0-9_+-]+)*$/, 'must be the name of a zone, such as Europe/Berlin'),
    ),
  },
  example: `timezone({ name: 'Europe/Berlin' })`,
  title: ({ name }) => name ?? '',
  prepare: ({ name }) => name,
  probes: (name) => [
    stat(link),
    linkTarget(link),
    stat('/etc'),
    stat(`${zones}/${name}`),
    self,
    ...fileQuestions(file),
    content(file),
  ],
  plan,
  owns: () => [
    { on: 'path', path: link },
    { on: 'path', path: file },
  ],
});

interface TimezoneResult {
  /** The time zone. */
  readonly name: string;
}

function plan(name: string, found: Found): Plan<TimezoneResult> {
  const result = { name };
  const target = `${zones}/${name}`;
  const zone = found.get(stat(target)).type;
  found.require(zone === 'file' || zone === 'link', {
    failure: `there is no time zone ${name} on this host`,
    hint: 'Time zones are in the package tzdata.',
    by: zone === 'absent' ? 'commands' : null,
  });
  const now = found.get(linkTarget(link));
  const isLinked = now !== null && targetOf(link, now) === target;
  // Debian up to 12 writes the name down as well (timezone(5)); where there is no such file, none is made.
  const written = found.get(content(file));
  return inOrder(
    found,
    result,
    (then) =>
      isLinked
        ? settled(result)
        : planLink({ path: link, state: 'link', src: target, force: true, recurse: false }, then),
    (then) =>
      'bytes' in written && utf8.decode(written.bytes).trim() !== name
        ? planFile({ path: file, content: Buffer.from(`${name}\n`) }, then, result)
        : settled(result),
  );
}
