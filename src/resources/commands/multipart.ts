import { createHash } from 'node:crypto';
import { basename } from 'node:path/posix';

/** A part of a form with files: what is sent, or the file that holds it. */
interface Part {
  readonly name: string;
  readonly filename?: string;
  readonly content?: string;
  readonly mimeType?: string;
}

/** The parts of a form; undefined where the data is none. */
export function partsOf(data: unknown): readonly Part[] | undefined {
  if (typeof data !== 'object' || data === null || Array.isArray(data)) return undefined;
  const parts: Part[] = [];
  for (const [name, value] of Object.entries(data) as [string, unknown][]) {
    if (value === null || value === undefined) continue;
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
      parts.push({ name, content: String(value) });
      continue;
    }
    if (typeof value !== 'object') return undefined;
    // Data of Ansible's keeps its own spelling.
    const given = Object.entries(value).map(([key, text]) => [key === 'mime_type' ? 'mimeType' : key, text]);
    const isPart = given.every(
      ([key, text]) => ['filename', 'content', 'mimeType'].includes(String(key)) && typeof text === 'string',
    );
    if (!isPart || !given.some(([key]) => key !== 'mimeType')) return undefined;
    parts.push({ name, ...Object.fromEntries(given) });
  }
  return parts;
}

/**
 * A form as RFC 7578 has it. The boundary is made of the parts, so that the same form is the same bytes.
 *
 * @param read the bytes of a file @throws PlayError
 */
export function multipartOf(
  parts: readonly Part[],
  read: (file: string) => Uint8Array,
): { readonly text: Uint8Array; readonly contentType: string } {
  const bodies = parts.map(({ name, filename, content, mimeType }) => ({
    head: headOf(name, filename, mimeType),
    bytes: content === undefined ? read(filename ?? '') : Buffer.from(content),
  }));
  const digest = createHash('sha256');
  for (const { head, bytes } of bodies) digest.update(`${head}${bytes.length}\n`).update(bytes);
  const boundary = `play-${digest.digest('hex').slice(0, 40)}`;
  return {
    text: Buffer.concat([
      ...bodies.flatMap(({ head, bytes }) => [Buffer.from(`--${boundary}\r\n${head}\r\n`), bytes, Buffer.from('\r\n')]),
      Buffer.from(`--${boundary}--\r\n`),
    ]),
    contentType: `multipart/form-data; boundary=${boundary}`,
  };
}

function headOf(name: string, filename: string | undefined, mimeType: string | undefined): string {
  const file = filename === undefined ? '' : `; filename="${escaped(basename(filename))}"`;
  const type = mimeType ?? (filename === undefined ? undefined : 'application/octet-stream');
  const typed = type === undefined ? '' : `Content-Type: ${type.replace(/[\r\n]/g, '')}\r\n`;
  return `Content-Disposition: form-data; name="${escaped(name)}"${file}\r\n${typed}`;
}

/** As browsers write names (HTML standard, multipart form data). */
function escaped(name: string): string {
  return name.replaceAll('"', '%22').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}
