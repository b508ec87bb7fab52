/** A program's complaint is taken to be about the name it names, whatever is in that. */
import { expect, test } from 'vitest';
import { isAbout } from '../../src/probes/quoted-name.ts';

test.each([
  ["stat: cannot statx '/srv/a'", '/srv/a', true],
  ["stat: cannot statx '/srv/a/b'", '/srv/a', false],
  ["stat: can't stat '/srv/it's'", "/srv/it's", true],
  [String.raw`stat: cannot statx '/srv/it'\''s'`, "/srv/it's", true],
  [String.raw`stat: cannot statx '/srv/q '\''u" '$'\303\251''.json'`, '/srv/q \'u" é.json', true],
  [String.raw`stat: cannot statx '/srv/a'$'\n''b'`, '/srv/a\nb', true],
  [String.raw`stat: cannot statx '/srv/a'$'\n''b'`, '/srv/a', false],
])('%s is about %s: %s', (line, name, is) => expect(isAbout(line, name)).toBe(is));
