import { execFileSync } from 'node:child_process';
import { beforeAll, describe, expect, it } from 'vitest';
import { Vault, seal, vaultPasswordText } from '../../src/secrets/index.ts';
import { noAnsible, pythonWithAnsible } from '../parity/run-ansible.ts';
import { skipTests } from '../support/skip-tests.ts';

interface Case {
  readonly password: string;
  readonly label: string;
  readonly plain: Buffer;
}

const everyByte = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
const plains: readonly Buffer[] = [
  Buffer.alloc(0),
  Buffer.from('a: 1\n'),
  Buffer.from('a: 1\r\nb: é\r\n'),
  Buffer.alloc(16, 'x'),
  everyByte,
  Buffer.alloc(100_000, 'block '),
];
const keys: readonly (readonly [password: string, label: string])[] = [
  ['geheim', 'default'],
  ['voilà', 'prod'],
  ['пароль 密码 🔑', 'stage-2'],
  ['two words', 'two words'],
  ['$x`y"\'\\', 'a.b@c'],
];
const cases: readonly Case[] = keys.flatMap(([password, label]) => plains.map((plain) => ({ password, label, plain })));

/** The library of ansible-vault, on all cases in one process: opens ours, and makes its own. */
const program = `
import base64, json, sys
from ansible.parsing.vault import VaultLib, VaultSecret
def one(case):
    secret = VaultSecret(case['password'].encode())
    vault = VaultLib([(case['label'], secret)])
    opened = [base64.b64encode(vault.decrypt(text.encode())).decode() for text in case['ours']]
    theirs = vault.encrypt(base64.b64decode(case['plain']), secret, vault_id=case['label']).decode()
    return {'opened': opened, 'theirs': theirs}
print(json.dumps([one(case) for case in json.load(sys.stdin)]))
`;

describe('vault text', () => {
  const python = pythonWithAnsible();
  skipTests(python === undefined ? noAnsible : undefined);
  const vaultOf = ({ password, label }: Case): Vault => new Vault([vaultPasswordText(password, label)]);
  let answers: readonly { readonly opened: readonly string[]; readonly theirs: string }[] = [];

  beforeAll(() => {
    if (python === undefined) return;
    const given = cases.map(({ password, label, plain }) => {
      const ours = seal(plain, Buffer.from(password), label);
      return {
        password,
        label,
        plain: plain.toString('base64'),
        ours: [ours, ours.replaceAll('\n', '\r\n'), ours.trimEnd()],
      };
    });
    const output = execFileSync(python, ['-c', program], {
      input: JSON.stringify(given),
      encoding: 'utf8',
      maxBuffer: 2 ** 26,
    });
    answers = JSON.parse(output) as typeof answers;
  });

  it('of ours is opened by ansible-vault, also with the line ends of Windows and without the last', () => {
    expect(answers.map(({ opened }) => opened)).toEqual(
      cases.map(({ plain }) => Array.from({ length: 3 }, () => plain.toString('base64'))),
    );
  });

  it('of ansible-vault is opened here, with whatever line ends', () => {
    for (const [at, one] of cases.entries()) {
      const text = answers[at]?.theirs ?? '';
      for (const end of ['\n', '\r\n', '\r'])
        expect(vaultOf(one).unlock(text.replaceAll('\n', end), { file: 'x' }).plain.equals(one.plain)).toBe(true);
    }
  });

  it('has the same first line and width', () => {
    for (const [at, { plain, password, label }] of cases.entries()) {
      const ours = seal(plain, Buffer.from(password), label).split('\n');
      const theirs = answers[at]?.theirs.split('\n') ?? [];
      expect([ours[0], ours.map((line) => line.length)]).toEqual([theirs[0], theirs.map((line) => line.length)]);
    }
  });
});
