import type { Review, ShownTaskEvent } from '../report/index.ts';
import type { PlannedChange, PlannedOption, PlannedTask } from './schema.ts';

/**
 * A task's event as a plan has it.
 *
 * @param project its folder: places in it are told relative to it
 */
export function plannedTask(event: ShownTaskEvent, project: string): PlannedTask {
  const { review, message, error, may, assumed, role, gate, tags, delegatedTo } = event;
  const changes = event.changes.map((change, i) => plannedChange(change, review?.contents[i] ?? null));
  return {
    task: event.task,
    resource: event.resource,
    status: event.status,
    ...(role === null ? {} : { role }),
    ...(review?.nth ? { nth: review.nth } : {}),
    ...(event.event === 'handler' ? { handler: true } : {}),
    ...(gate === undefined ? {} : { gate }),
    ...(review?.at ? { at: within(project, review.at) } : {}),
    ...(may === null ? {} : { may }),
    ...(assumed.length > 0 ? { assumed: [...assumed] } : {}),
    ...(changes.length > 0 ? { changes } : {}),
    ...(message === null ? {} : { message }),
    ...(error === null
      ? {}
      : {
          error: {
            what: error.what,
            hint: error.hint,
            code: error.code,
            stdout: error.stdout,
            stderr: error.stderr,
          },
        }),
    ...(event.ignored ? { ignored: true } : {}),
    ...(event.rescued ? { rescued: true } : {}),
    ...(event.hidden ? { hidden: true } : {}),
    ...(review?.account ? { account: review.account } : {}),
    ...(delegatedTo === undefined ? {} : { delegatedTo }),
    ...(review?.secrets ? { secrets: `hmac:${review.secrets}` } : {}),
    ...(review?.options ? { options: relative(review.options, project) } : {}),
    ...(tags.length > 0 ? { tags: [...tags] } : {}),
    ...(event.subject === undefined ? {} : { subject: event.subject }),
  };
}

function plannedChange(
  { what, from, to, along, text }: ShownTaskEvent['changes'][number],
  contents: NonNullable<ShownTaskEvent['review']>['contents'][number],
): PlannedChange {
  return {
    what,
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    ...(along === undefined ? {} : { along }),
    ...(text === undefined ? {} : { path: text.path, diff: text.diff.replace(/\n$/, '').split('\n') }),
    ...(contents?.was ? { was: contents.was } : {}),
    ...(contents?.will ? { will: contents.will } : {}),
  };
}

/** Options with the paths in them relative to the project, wherever it is checked out. */
function relative(options: NonNullable<Review['options']>, project: string): Record<string, PlannedOption> {
  const inside = (value: PlannedOption): PlannedOption => {
    if (typeof value === 'string') return within(project, value);
    if (Array.isArray(value)) return value.map((one: PlannedOption) => inside(one));
    return typeof value === 'object' && value !== null ? relative(value, project) : value;
  };
  return Object.fromEntries(Object.entries(options).map(([name, value]) => [name, inside(value as PlannedOption)]));
}

/** A path below a folder, relative to it; any other as it is. */
export function within(folder: string, path: string): string {
  return path.startsWith(`${folder}/`) ? path.slice(folder.length + 1) : path;
}

/** What a task is known by in a plan: two of one name are told apart by their number. */
export function taskKey({ handler, role = '', task, nth = 0 }: PlannedTask): string {
  return [handler ? 'handler' : 'task', role, task, String(nth)].join('\0');
}
