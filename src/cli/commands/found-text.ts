import type { Plan } from '../../contract/index.ts';
import type { TaskBody } from '../../playbook/index.ts';
import * as resources from '../../resources/index.ts';

type AnyResource = TaskBody['resource'];

/**
 * A resource that only looks, so that it tells what it found, to people as lines and to programs as `detail`: in a playbook
 * later tasks read it, here there are none. Others are as they were.
 */
export function telling(resource: AnyResource): AnyResource {
  return tellers.get(resource.name) ?? resource;
}

const tellers: ReadonlyMap<string, AnyResource> = new Map(
  [
    teller(resources.stat, ({ stat }) => {
      if (!stat.exists) return ['nothing is there'];
      const type = stat.islnk ? 'link' : stat.isdir ? 'directory' : stat.isreg ? 'file' : 'special file';
      return [
        `${type} ${stat.mode} ${stat.pwName}:${stat.grName}, ${bytes(stat.size)}`,
        ...(stat.islnk ? [`leads to ${stat.lnkTarget}`] : []),
        ...(stat.checksum === '' ? [] : [`sha256 ${stat.checksum}`]),
      ];
    }),
    teller(resources.find, ({ files, examined }) => [
      ...columns(
        files.map(({ path, mode, pwName, grName, size, mtime }) => [
          mode,
          `${pwName}:${grName}`,
          String(size),
          localMinute(mtime),
          path,
        ]),
        [2],
      ),
      `${files.length} of ${examined} examined`,
    ]),
    teller(resources.slurp, ({ content, text }) => {
      // What is no UTF-8 was replaced on the way to text.
      const isText = Buffer.from(text).equals(Buffer.from(content, 'base64'));
      return isText ? [text === '' ? '(empty)' : text] : [`not text, in base64: ${content}`];
    }),
    teller(resources.getent, ({ all }) =>
      all.length === 0 ? ['nothing is there'] : all.map(({ key, fields }) => [key, ...fields].join(':')),
    ),
    teller(resources.packageFacts, ({ packages }) =>
      columns(
        Object.values(packages)
          .flat()
          .map(({ name, version, arch }) => [name, version, arch]),
      ),
    ),
    teller(resources.serviceFacts, ({ services }) =>
      columns(Object.values(services).map(({ name, state, status }) => [name, state, status])),
    ),
  ].map((one) => [one.name, one]),
);

interface Looking<R> {
  readonly resource: { readonly name: string; readonly plan: (prepared: never, found: never) => Plan<R> };
}

function teller<R extends object>(looking: Looking<R>, lines: (result: R) => readonly string[]): AnyResource {
  const { resource } = looking;
  return {
    ...(resource as unknown as AnyResource),
    plan(prepared: never, found: never) {
      const plan = resource.plan(prepared, found);
      // Where it has to go on and look, what it found is not known before.
      if (plan.steps.length > 0 || plan.unforeseen) return plan;
      return {
        ...plan,
        message: lines(plan.result).join('\n'),
        detail: Object.fromEntries(Object.entries(plan.result)),
      };
    },
  };
}

function columns(rows: readonly (readonly string[])[], right: readonly number[] = []): string[] {
  const widths = (rows[0] ?? []).map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, at) => (right.includes(at) ? cell.padStart(widths[at] ?? 0) : cell.padEnd(widths[at] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
}

const bytes = (count: number): string => (count === 1 ? '1 byte' : `${count} bytes`);

/** Here, as the operator's clock shows it. @param seconds since 1970 */
const localMinute = (seconds: number): string => new Date(seconds * 1000).toLocaleString('sv-SE').slice(0, 16);
