import { PlayError, type Location } from '../errors/index.ts';
import { Secret, Unreadable } from '../secrets/index.ts';

/** Whether Ansible would render this text instead of taking it literally. */
function isJinja(text: string): boolean {
  return /\{\{|\{%|\{#/.test(text);
}

const hint =
  'play looks up names ({{ name }}, {{ name.key }}) and runs no other Jinja: compute the value in TypeScript (in the playbook or the role), or write it out. Text that only looks like Jinja takes the tag !unsafe.';

/** Like `plainText`, for text from a vault: nothing of it is shown, since a password may look like Jinja. */
export function secretText(text: string, where: Location): Secret | Unreadable {
  const secret = new Secret(text, where.file);
  return isJinja(text)
    ? new Unreadable(
        () => new PlayError('This encrypted value is a Jinja expression', { where, hint, detail: '' }),
        secret,
      )
    : secret;
}

/** The text itself, or an object in its place when it is a Jinja expression. */
export function plainText(text: string, where: Location | string): string | Unreadable {
  if (!isJinja(text)) return text;
  const shown = text.length > 80 ? `${text.slice(0, 77)}...` : text;
  const problem = (): PlayError =>
    new PlayError(`This value is a Jinja expression: ${shown.trim().replaceAll('\n', ' ')}`, {
      where,
      hint,
    });
  return new Unreadable(problem, text);
}
