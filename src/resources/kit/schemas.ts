import * as v from 'valibot';
import { Secret } from '../../secrets/index.ts';
import { flag } from './words.ts';

export * from './words.ts';

/**
 * The option types resources share. Each is a schema with its description, so that the same words check values and fill
 * the reference pages.
 */

const absolute = v.pipe(
  v.string(),
  v.check((value) => value.startsWith('/'), 'must be an absolute path'),
  v.check((value) => !value.includes('\0'), 'must not hold a NUL byte'),
);

/** An absolute path on the host. */
export const path = (description: string) => v.pipe(absolute, v.transform(tidy), v.description(description));

/** An absolute path on the host; a trailing slash stays, since it says that this is a directory. */
export const destination = (description: string) =>
  v.pipe(
    absolute,
    v.transform((value) => (/.\/$/.test(value) ? `${tidy(value)}/`.replace(/^\/+$/, '/') : tidy(value))),
    v.description(description),
  );

/** The path of a file, which cannot end in a slash. */
export const filePath = (description: string) =>
  v.pipe(
    absolute,
    v.check((value) => !value.endsWith('/'), 'must be the path of the file itself, without a slash at its end'),
    v.transform(tidy),
    v.description(description),
  );

/** One spelling for one path: no doubled or trailing slashes. */
function tidy(value: string): string {
  return value.replace(/\/+/g, '/').replace(/(.)\/$/, '$1');
}

/**
 * A user or group name. This rejects only names that would break something else; what useradd(8) does not accept, it
 * refuses itself.
 */
export const accountName = (description: string) =>
  v.pipe(
    v.string(),
    v.regex(/^[^-:,\s/][^:,\s/]*$/, 'must be a name without blanks, colons, commas and slashes'),
    v.description(description),
  );

/** The number of a user or group. */
export const id = (description: string) => v.pipe(v.number(), v.integer(), v.minValue(0), v.description(description));

/** Text that may be secret. */
export const secretText = (description = 'May be a secret.') =>
  v.pipe(v.union([v.string(), v.instance(Secret)]), v.description(description));

/** `02750` is written so by those who write a zero before each octal number. */
const modePattern = /^(?:0?[0-7]{3,4}|[ugoa]*[=+-][rwxXst]*(?:,[ugoa]*[=+-][rwxXst]*)*)$/;
/**
 * Permissions, octal (`'0644'`) or symbolic (`'u=rw,g=r,o='`); may be left out. A number is refused, since 644 is not
 * 0644.
 */
export const mode = v.optional(
  v.pipe(
    v.string("must be a string such as '0644'"),
    v.regex(modePattern, "must be octal, such as '0644', or symbolic, such as 'u=rw,g=r,o='"),
    v.description(
      "Permissions: octal (`'0644'`) or symbolic (`'u=rw,g=r,o='`). Default: as it is; `0644` for a new file, `0600` for one with a secret in it (`0640` with a `group`), `0755` for a new directory.",
    ),
  ),
);
/** The same for a file made from another; `'preserve'` copies the permissions of that file. */
export const modeOrPreserve = v.optional(
  v.pipe(
    v.string("must be a string such as '0644'"),
    v.check(
      (value) => value === 'preserve' || modePattern.test(value),
      "must be octal, such as '0644', symbolic, such as 'u=rw,g=r,o=', or 'preserve'",
    ),
    v.description(
      "Permissions: octal (`'0644'`), symbolic (`'u=rw,g=r,o='`), or `'preserve'`: those of `src`. Default: as it is; `0644` for a new file, `0600` for one with a secret in it (`0640` with a `group`).",
    ),
  ),
);
/** Permissions of parent directories that are created for a file; may be left out. */
export const directoryMode = v.optional(
  v.pipe(
    v.string("must be a string such as '0755'"),
    v.regex(modePattern, "must be octal, such as '0755', or symbolic, such as 'u=rwx,g=rx,o='"),
    v.description(
      'Mode of directories created because `dest` ends in a slash; their owner and group are those of the file. Existing ones are left alone. Default `0755`.',
    ),
  ),
);
/** Whether an existing file is replaced. Default true. */
export const force = flag(
  '`false` puts the file there only if nothing exists yet: an existing file is left alone, including its permissions.',
  true,
);
/** Whether links are followed, including one at the path itself. Default false. */
export const followDest = flag(
  'If `dest` is a link, keep it and write what it leads to; otherwise the link is replaced. Also follow links that another account could redirect; otherwise that fails, unless they lead to something that account owns.',
  false,
);
/** The owner, by name or number; may be left out. */
export const owner = v.optional(
  v.pipe(
    v.string(),
    v.minLength(1),
    v.description("User that owns it, by name or number. Default: as it is; the task's user for a new one."),
  ),
);
/** The group, by name or number; may be left out. */
export const group = v.optional(
  v.pipe(v.string(), v.minLength(1), v.description('Group that owns it, by name or number. Default: as it is.')),
);
/** Whether the old file is kept. Default false. */
export const backup = flag('Keep the old file next to the new one, with the time in its name.', false);
/** Whether an encrypted source is decrypted. Default true. */
export const decrypt = flag(
  'Decrypt a source that is encrypted with Ansible Vault, age or sops; `false` leaves it encrypted, to be decrypted on the host.',
  true,
);
/**
 * Whether links that another account could redirect are followed. Default false. The engine honours it in every
 * resource that has this option (engine/turned-links.ts).
 */
export const follow = flag(
  'Follow also links that another account could redirect, wherever they lead. Otherwise that fails, unless they lead to something that account owns.',
  false,
);
/** A command that checks a file before it is put in place; may be left out. */
export const validate = v.optional(
  v.pipe(
    v.string(),
    v.includes(
      '%s',
      'must hold %s where the path of the file to check belongs; to check a service as a whole (nginx -t): transaction([...], { validate })',
    ),
    v.description(
      'Command that checks the new content before it is put in place; `%s` is its path. Only this command sees the new file in its place, with everything else around it; whatever it writes is discarded. Runs in check mode too. Without root, or if mounts are not allowed, the new file is put next to its place for that time, under a name with the same ending; check mode then says that it did not validate.',
    ),
  ),
);

/**
 * Any value. Its type is not `unknown`, since TypeScript would then not know the parameters of a function given
 * instead (`({ results }) => ...`).
 */
export const anything = v.custom<string | number | boolean | object | null | undefined>(() => true);
