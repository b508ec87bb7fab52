import { exposeSecrets, reveal, Secret } from '../../secrets/index.ts';
import { jsonOf } from '../../values/index.ts';
import { multipartOf, partsOf } from './multipart.ts';

export type BodyFormat = 'json' | 'form-urlencoded' | 'form-multipart' | 'raw';
export type Body = string | Secret | Readonly<Record<string, unknown>> | readonly unknown[];

/** What is sent, and the type that its header gives it where the task gives none. */
export interface RequestBody {
  readonly text: string | Uint8Array | undefined;
  readonly contentType: string | undefined;
}

const types: Readonly<Record<BodyFormat, string | undefined>> = {
  'json': 'application/json',
  'form-urlencoded': 'application/x-www-form-urlencoded',
  'form-multipart': 'multipart/form-data',
  'raw': undefined,
};

const isText = (body: Body): body is string | Secret => typeof body === 'string' || body instanceof Secret;

/**
 * Without a format data is JSON, text what it is. Text is sent as it is in any format, as in Ansible.
 *
 * @param read the bytes of a file that a part names @throws PlayError
 */
export function requestBody(
  body: Body | undefined,
  format: BodyFormat | undefined,
  read: (file: string) => Uint8Array,
): RequestBody {
  if (body === undefined) return { text: undefined, contentType: undefined };
  const written = format ?? (isText(body) ? 'raw' : 'json');
  const contentType = types[written];
  if (isText(body)) return { text: reveal(body), contentType };
  const data = exposeSecrets(body);
  if (written === 'form-multipart') return multipartOf(partsOf(data) ?? [], read);
  return { text: written === 'json' ? jsonOf(data) : formOf(fieldsOf(data) ?? []), contentType };
}

/** What is wrong with a body in this format; undefined where it can be written. */
export function whyNoBody(body: Body | undefined, format: BodyFormat | undefined): string | undefined {
  if (format === undefined || format === 'json' || body === undefined || isText(body)) return undefined;
  if (format === 'raw') return "`bodyFormat` 'raw' is text as it is; for data write 'json' or 'form-urlencoded'";
  if (format === 'form-multipart')
    return partsOf(exposeSecrets(body)) === undefined
      ? "`bodyFormat` 'form-multipart' needs names with a value, or with `filename`, `content` and `mimeType`"
      : undefined;
  return fieldsOf(exposeSecrets(body)) === undefined
    ? "`bodyFormat` 'form-urlencoded' needs names with a value or a list of them, or a list of pairs: [['name', 'value']]"
    : undefined;
}

/** The fields of a form, in order; null is left out, as in Ansible. Undefined where the data is no form. */
function fieldsOf(data: unknown): (readonly [string, string])[] | undefined {
  if (typeof data !== 'object' || data === null) return undefined;
  const pairs: readonly unknown[] = Array.isArray(data) ? data : Object.entries(data);
  const fields: (readonly [string, string])[] = [];
  for (const pair of pairs) {
    if (!Array.isArray(pair) || pair.length !== 2) return undefined;
    const [name, values]: readonly unknown[] = pair;
    for (const value of Array.isArray(values) ? values : [values]) {
      if (typeof value === 'object' && value !== null) return undefined;
      if (value !== null && value !== undefined) fields.push([String(name), String(value)]);
    }
  }
  return fields;
}

/** As in HTML's forms (URL standard, application/x-www-form-urlencoded): blanks are `+`. */
function formOf(fields: readonly (readonly [string, string])[]): string {
  return new URLSearchParams(fields.map(([name, value]): [string, string] => [name, value])).toString();
}
