import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe } from 'vitest';
import { certificate } from '../../src/resources/index.ts';
import { Secret } from '../../src/secrets/index.ts';
import { useLawHost } from '../support/law-host.ts';
import { holdToLaws } from '../support/laws.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const host = useLawHost('certificate', ['openssl']);
const here = temporaryFolder('ca');

/** An authority as people have them: made with openssl. */
function authority(name: string, key: readonly string[], passphrase?: string) {
  const file = join(here, name);
  execFileSync(
    'openssl',
    [
      'req',
      '-x509',
      '-newkey',
      ...key,
      '-keyout',
      `${file}.key`,
      '-out',
      `${file}.pem`,
      '-days',
      '3000',
      '-subj',
      `/O=Law & Order/CN=${name} ü`,
      '-utf8',
      ...(passphrase === undefined ? ['-nodes'] : ['-passout', `pass:${passphrase}`]),
    ],
    { stdio: 'ignore' },
  );
  return {
    provider: 'ownca' as const,
    owncaContent: readFileSync(`${file}.pem`, 'utf8'),
    owncaPrivatekeyContent: new Secret(readFileSync(`${file}.key`, 'utf8'), 'a test'),
  };
}
const ec = authority('ec', ['ec', '-pkeyopt', 'ec_paramgen_curve:P-256']);
const rsa = {
  ...authority('rsa', ['rsa:2048'], 's3cret-s3cret'),
  owncaPrivatekeyPassphrase: new Secret('s3cret-s3cret', 'a test'),
};
const names = ['DNS:db.example.org', 'DNS:*.example.org', 'IP:10.0.0.5', 'IP:fd00::5'];
const body = (pem: string): string => pem.split('\n')[2] ?? '';
const paths = (dir: string) => ({ path: `${dir}/c.pem`, privatekeyPath: `${dir}/c.key` });
const verified = (name: string): string =>
  `printf '%s' '${readFileSync(join(here, `${name}.pem`), 'utf8')}' >ca.pem; openssl verify -x509_strict -CAfile ca.pem -verify_hostname db.example.org c.pem; openssl verify -CAfile ca.pem -verify_ip fd00::5 c.pem; rm ca.pem`;

describe('certificates', () => {
  holdToLaws(host, [
    {
      name: 'signed by itself',
      tasks: (dir) => [certificate({ ...paths(dir), subjectAltName: names, owner: 'daemon', privatekeyMode: '0640' })],
      expect: ['changed'],
      afterwards: `openssl x509 -in c.pem -noout -ext subjectAltName | grep -q 'DNS:\\*.example.org, IP Address:10.0.0.5'; [ "$(stat -c '%a %U' c.key c.pem | xargs)" = '640 daemon 644 daemon' ]`,
    },
    {
      name: 'signed by an authority, with a chain',
      tasks: (dir) => [
        certificate({
          ...paths(dir),
          ...ec,
          subjectAltName: names,
          chainPath: `${dir}/chain.pem`,
          commonName: 'Größe 1',
        }),
      ],
      expect: ['changed'],
      hidden: [body(ec.owncaPrivatekeyContent.expose())],
      afterwards: `${verified('ec')}; [ "$(grep -c BEGIN chain.pem)" = 2 ]; openssl x509 -in c.pem -noout -subject -nameopt utf8 | grep -q 'Größe 1'; [ "$(stat -c %a c.key)" = 600 ]`,
    },
    {
      name: 'an RSA authority with a passphrase, another kind of key',
      tasks: (dir) => [certificate({ ...paths(dir), ...rsa, subjectAltName: names, keyType: 'RSA' })],
      expect: ['changed'],
      hidden: ['s3cret-s3cret'],
      afterwards: verified('rsa'),
    },
    {
      name: 'other names, the same key',
      setup:
        'openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout c.key -out c.pem -subj /CN=old -addext subjectAltName=DNS:old -days 300 2>/dev/null; chmod 0600 c.key; cp c.key key.old',
      tasks: (dir) => [certificate({ ...paths(dir), subjectAltName: ['DNS:new'] })],
      expect: ['changed'],
      afterwards: 'cmp c.key key.old',
    },
    {
      name: 'near its end',
      setup:
        'openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout c.key -out c.pem -subj /CN=n -addext subjectAltName=DNS:n -days 20 2>/dev/null; chmod 0600 c.key',
      tasks: (dir) => [certificate({ ...paths(dir), subjectAltName: ['DNS:n'] })],
      expect: ['changed'],
      afterwards: 'openssl x509 -in c.pem -noout -checkend 30000000',
    },
    {
      name: 'of another authority, for a different key',
      setup:
        'for n in 1 2; do openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout $n.key -out $n.pem -subj /CN=n -addext subjectAltName=DNS:n -days 300 2>/dev/null; chmod 0600 $n.key; done; mv 2.key 3.key; cp 1.key 2.key',
      tasks: (dir) => [
        certificate({ path: `${dir}/1.pem`, privatekeyPath: `${dir}/1.key`, ...ec, subjectAltName: ['DNS:n'] }),
        certificate({ path: `${dir}/2.pem`, privatekeyPath: `${dir}/2.key`, subjectAltName: ['DNS:n'] }),
      ],
      expect: ['changed', 'changed'],
    },
    {
      name: 'right already',
      setup:
        'openssl req -x509 -newkey rsa:2048 -nodes -keyout c.key -out c.pem -subj /CN=n -addext subjectAltName=DNS:n -days 300 2>/dev/null; chmod 0600 c.key',
      tasks: (dir) => [certificate({ ...paths(dir), subjectAltName: ['DNS:n'] })],
      expect: ['ok'],
    },
  ]);
});
