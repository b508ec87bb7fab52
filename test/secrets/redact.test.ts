import { describe, expect, it } from 'vitest';
import { Redactor, Secret } from '../../src/secrets/index.ts';

const key = '-----BEGIN KEY-----\nAAAAB3Nza\nC1lZDI1NTE5\n-----END KEY-----\n';

function redactorFor(...texts: readonly string[]): Redactor {
  return new Redactor(texts.map((text) => new Secret(text)));
}

describe('secrets in text are masked', () => {
  const b64 = (text: string): string => Buffer.from(text).toString('base64');
  it.each([
    ['as it is', ['hunter2!'], 'pw=hunter2! ok', 'pw=******** ok'],
    ['twice', ['hunter2!'], 'hunter2!hunter2!', '****************'],
    ['base64', ['hunter2!'], b64('hunter2!'), '********'],
    ['base64 for URLs', ['a?b>c~~~d'], Buffer.from('a?b>c~~~d').toString('base64url'), '********'],
    ['URL-encoded', ['a b/c&d'], 'x=a%20b%2Fc%26d&y=a+b%2Fc%26d', 'x=********&y=********'],
    ['JSON-escaped', ['say "hi"\\\té'], JSON.stringify({ a: 'say "hi"\\\té' }), '{"a":"********"}'],
    ['JSON of Python', ['pässword'], '{"a": "p\\u00e4ssword"}', '{"a": "********"}'],
    ['quoted for sh', ["it's secret"], "echo 'it'\\''s secret'", "echo '********'"],
    ['a line of a key', [key], 'x C1lZDI1NTE5 y', 'x ******** y'],
    ['a whole key', [key], `<${key}>`, '<********\n>'],
    ['without its last line ending', ['token-1\n'], 'token-1', '********'],
    ['one inside another', ['secret', 'secretary'], 'secretary', '********'],
    ['two that overlap', ['abcdef', 'defghi'], '<abcdefghi>', '<********>'],
    ['beyond ASCII', ['пароль'], 'это пароль!', 'это ********!'],
  ])('%s', (_, secrets, text, expected) => {
    expect(redactorFor(...secrets).redact(text)).toBe(expected);
  });

  it('inside longer base64, whatever stands before it', () => {
    for (const user of ['a', 'ab', 'abc', 'abcd']) {
      const encoded = b64(`${user}:hunter2!-long:x`);
      const shown = redactorFor('hunter2!-long').redact(`Authorization: Basic ${encoded}`);
      expect(shown).toContain('********');
      expect(Buffer.from(shown.replace(/.*Basic /, ''), 'base64').toString('latin1')).not.toContain('unter2!-lo');
    }
  });
});

describe('nothing else is touched', () => {
  it('neither text nor bytes', () => {
    const redactor = redactorFor('hunter2!', key);
    const text = 'plain é \ud800 \r\n-----BEGIN KEY-----';
    expect(redactor.redact(text)).toBe(text);
    const bytes = Buffer.from([0, 255, 254, 10, 13, 128]);
    expect(redactor.redactBuffer(bytes)).toBe(bytes);
    const mixed = Buffer.concat([bytes, Buffer.from('hunter2!'), bytes]);
    expect(redactor.redactBuffer(mixed)).toEqual(Buffer.concat([bytes, Buffer.from('********'), bytes]));
  });

  it('and secrets of less than four characters are not searched for', () => {
    expect(redactorFor('abc').redact('abc YWJj')).toBe('abc YWJj');
  });

  it('and what merely looks like a short secret across blanks', () => {
    expect(redactorFor('test').redact('the latest te st, te\nst')).toBe('the la******** te st, te\nst');
  });

  it('a secret nobody read is not opened for the search, unless it is watched for', () => {
    const redactor = new Redactor();
    const secret = new Secret(() => 'lazy-text');
    expect(redactor.redact('lazy-text')).toBe('lazy-text');
    expect(secret.wasExposed).toBe(false);
    redactor.watch(
      new Secret(() => {
        throw new Error('cannot be opened');
      }),
      secret,
    );
    expect(redactor.redact('lazy-text')).toBe('********');
  });
});

describe('in a stream', () => {
  const text = `a hunter2! b hunter2hunter2! ${Buffer.from('hunter2!').toString('base64')} end hunt`;
  const expected = `a ******** b hunter2******** ******** end hunt`;
  it('a secret cut anywhere is found', () => {
    for (let size = 1; size < text.length; size++) {
      const stream = redactorFor('hunter2!').stream();
      const pieces: Buffer[] = [];
      for (let at = 0; at < text.length; at += size) pieces.push(stream.write(Buffer.from(text.slice(at, at + size))));
      pieces.push(stream.end());
      expect(Buffer.concat(pieces).toString()).toBe(expected);
    }
  });

  it('only what may be the start of one is held back', () => {
    const stream = redactorFor('hunter2!').stream();
    expect(stream.write(Buffer.from('Password: ')).toString()).toBe('Password: ');
    expect(stream.write(Buffer.from('x hun')).toString()).toBe('x ');
    expect(stream.write(Buffer.from('dred')).toString()).toBe('hundred');
    expect(stream.end().toString()).toBe('');
  });
});
