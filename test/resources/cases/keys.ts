import { aptPin, aptRepository, authorizedKey, file, knownHosts, user } from '../../../src/resources/index.ts';
import type { LawCase } from '../../support/laws.ts';

export const alice = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINWb7VEgq+WYZ26SxkhcFcBBuzf1oGfXIZ7KPZPSxQdQ';
/** Another key of the type of alice's. */
const carol = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUm';
export const bob =
  'ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBCmqL77y6a1+6TwPtMD6NiIjVp+cb5Tj/GkcURxDnZcUS5qfxy/MJtL/8/SmjLnhtNXUKYqKTYIciOXHQYeoYVw=';

export const repositoryKey = `-----BEGIN PGP PUBLIC KEY BLOCK-----

mDMEawLJFBYJKwYBBAHaRw8BAQdArwjHCMkvDgjiTdnxqKr/9fU21Hgi2A5OBZk6
Iwrh7k+0GkxhdyBSZXBvIDxsYXdAZXhhbXBsZS5vcmc+iJAEExYIADgWIQT5Vd0D
+DS9RXENuLucUcstKJj0xgUCawLJFAIbAwULCQgHAgYVCgkICwIEFgIDAQIeAQIX
gAAKCRCcUcstKJj0xuBVAQC8RhLEWxncFapalNMwvpzmBgs3ZNdngjveK5EPo/Uj
gwEA4dsXHjH0cASKuuo9F9C541p0WpXDpla42aASnLe/YQ8=
=eIw9
-----END PGP PUBLIC KEY BLOCK-----
`;
export const repositoryFingerprint = 'F955 DD03 F834 BD45 710D  B8BB 9C51 CB2D 2898 F4C6';

export const keyCases: readonly LawCase[] = [
  {
    name: 'authorizedKey: for a user made by the same play',
    tasks: () => [
      user({ name: 'lawkeys' }),
      authorizedKey({ user: 'lawkeys', key: [`${alice} alice@laptop ü`, bob] }),
      authorizedKey({
        user: 'lawkeys',
        key: bob,
        keyOptions: 'restrict,command="/bin/echo \\"a b\\""',
        comment: 'bob b',
      }),
    ],
    expect: ['changed', 'changed', 'changed'],
    again: ['ok', 'changed', 'changed'],
    afterwards: `d=/home/lawkeys/.ssh; [ "$(stat -c '%a %U %G' $d)" = '700 lawkeys lawkeys' ]; [ "$(stat -c '%a %U %G' $d/authorized_keys)" = '600 lawkeys lawkeys' ]; grep -qxF '${alice} alice@laptop ü' $d/authorized_keys; grep -qxF 'restrict,command="/bin/echo \\"a b\\"" ${bob} bob b' $d/authorized_keys; [ "$(wc -l <$d/authorized_keys)" = 2 ]`,
  },
  {
    name: 'authorizedKey: one key for two purposes, beside one of its own',
    setup: `printf 'no-pty ${bob} b\nfrom="10.0.0.9" ${alice} old\n' >k`,
    tasks: (dir) => [
      authorizedKey({
        user: 'root',
        path: `${dir}/k`,
        manageDir: false,
        key: [`from="10.0.0.1",command="/bin/a" ${alice} first`, `from="10.0.0.2",command="/bin/b" ${alice} second`],
      }),
    ],
    expect: ['changed'],
    afterwards: `printf '%s\n' 'no-pty ${bob} b' 'from="10.0.0.1",command="/bin/a" ${alice} first' 'from="10.0.0.2",command="/bin/b" ${alice} second' | cmp - k`,
  },
  {
    name: 'authorizedKey: exclusive, comments stay',
    setup: `printf '# mine\\nno-pty ${alice} old\\nrubbish\\n' >/home/lawkeys/.ssh/authorized_keys; chmod 0666 /home/lawkeys/.ssh/authorized_keys; chown root /home/lawkeys/.ssh`,
    tasks: () => [authorizedKey({ user: 'lawkeys', key: alice, exclusive: true })],
    expect: ['changed'],
    afterwards: `printf '# mine\\n${alice} old\\n' | cmp - /home/lawkeys/.ssh/authorized_keys; [ "$(stat -c '%a %U' /home/lawkeys/.ssh/authorized_keys /home/lawkeys/.ssh)" = "600 lawkeys\n700 lawkeys" ]`,
  },
  {
    name: 'authorizedKey: absent, whatever its options; a user without keys',
    tasks: () => [
      authorizedKey({ user: 'lawkeys', key: `${alice} other`, state: 'absent' }),
      authorizedKey({ user: 'nosudo', key: bob, state: 'absent' }),
      authorizedKey({ user: 'nobody-here', key: bob, state: 'absent' }),
    ],
    expect: ['changed', 'ok', 'ok'],
    afterwards: `! grep -q ssh-ed25519 /home/lawkeys/.ssh/authorized_keys`,
  },
  {
    name: 'authorizedKey: in a folder for all users',
    setup: 'mkdir keys; chmod 0755 keys',
    tasks: (dir) => [authorizedKey({ user: 'operator', key: alice, path: `${dir}/keys/operator`, manageDir: false })],
    expect: ['changed'],
    afterwards: `[ "$(stat -c '%a %U' keys keys/operator)" = "755 root\n600 operator" ]`,
  },
  {
    name: 'authorizedKey: a link of the user leads root nowhere',
    setup:
      'id lawkeys >/dev/null 2>&1 || useradd -m lawkeys; rm -rf /home/lawkeys/.ssh; install -d -o lawkeys -m 0700 /home/lawkeys/.ssh; echo root:x >/root/own; chmod 0600 /root/own; su lawkeys -s /bin/sh -c "ln -s /root/own ~/.ssh/authorized_keys"',
    tasks: () => [authorizedKey({ user: 'lawkeys', key: alice })],
    expect: ['failed'],
    again: ['failed'],
    says: /link of lawkeys to \/root\/own, which is not theirs/,
    afterwards: '[ "$(stat -c "%a %U" /root/own)" = "600 root" ]; [ "$(cat /root/own)" = root:x ]',
  },
  {
    name: 'authorizedKey: nor one to a file the user may read',
    setup: 'su lawkeys -s /bin/sh -c "ln -sf /etc/passwd ~/.ssh/authorized_keys"; cp -a /etc/passwd /root/passwd',
    tasks: () => [authorizedKey({ user: 'lawkeys', key: alice })],
    expect: ['failed'],
    again: ['failed'],
    says: /to \/etc\/passwd, which is not theirs/,
    afterwards: 'cmp /etc/passwd /root/passwd; [ "$(stat -c %U /etc/passwd)" = root ]',
  },
  {
    name: 'authorizedKey: nor in place of the folder',
    setup: 'su lawkeys -s /bin/sh -c "rm -rf ~/.ssh; ln -s /root ~/.ssh"',
    tasks: () => [authorizedKey({ user: 'lawkeys', key: alice })],
    expect: ['failed'],
    again: ['failed'],
    says: /symbolic link, which lawkeys can point anywhere/,
    afterwards: '[ "$(stat -c "%U" /root)" = root ]; [ ! -e /root/authorized_keys ]',
  },
  {
    name: 'authorizedKey: no such user',
    tasks: () => [authorizedKey({ user: 'nobody-here', key: alice })],
    expect: ['failed'],
    again: ['failed'],
    says: /no user nobody-here/,
  },
  {
    name: 'knownHosts: added, replaced, other names and types kept',
    setup: `printf 'git.example.org,10.0.0.1 ${alice}\\n@revoked git.example.org ${alice}\\n[git.example.org]:22 x\\n' >f`,
    tasks: (dir) => [
      knownHosts({ path: `${dir}/f`, name: 'git.example.org', key: `git.example.org ${bob}` }),
      knownHosts({ path: `${dir}/f`, name: '[10.0.0.5]:2222', key: [alice, bob] }),
      knownHosts({ path: `${dir}/f`, name: '10.0.0.1', state: 'absent' }),
    ],
    expect: ['changed', 'changed', 'changed'],
    afterwards: `printf '%s\\n' 'git.example.org ${alice}' '@revoked git.example.org ${alice}' '[git.example.org]:22 x' 'git.example.org ${bob}' '[10.0.0.5]:2222 ${alice}' '[10.0.0.5]:2222 ${bob}' | cmp - f; ssh-keygen -F '[10.0.0.5]:2222' -f f`,
  },
  {
    name: 'knownHosts: names in any case',
    setup: `printf 'GIT.Example.org,10.0.0.1 ${carol}\\n[X.example.org]:2222 ${alice}\\n' >f`,
    tasks: (dir) => [
      knownHosts({ path: `${dir}/f`, name: 'Git.Example.org', key: `git.example.ORG ${alice}` }),
      knownHosts({ path: `${dir}/f`, name: '[x.EXAMPLE.org]:2222', key: `[X.example.org]:2222 ${alice}` }),
    ],
    expect: ['changed', 'ok'],
    afterwards: `[ "$(cat f)" = "$(printf '10.0.0.1 ${carol}\\ngit.example.org ${alice}\\n[X.example.org]:2222 ${alice}')" ]`,
  },
  {
    name: 'knownHosts: two keys of one type',
    setup: `printf 'h ${carol}\nh,10.0.0.2 ${bob} old\n' >f`,
    tasks: (dir) => [knownHosts({ path: `${dir}/f`, name: 'h', key: [alice, carol] })],
    expect: ['changed'],
    afterwards: `printf '%s\n' 'h ${carol}' 'h,10.0.0.2 ${bob} old' 'h ${alice}' | cmp - f`,
  },
  {
    name: 'knownHosts: hashed, in the home of the account',
    tasks: () => [
      knownHosts({ name: 'Secret.example.org', key: alice, hashHost: true }),
      file({ path: '/root/.ssh', state: 'directory' }),
    ],
    expect: ['changed', 'ok'],
    afterwards: `! grep -qi secret.example /root/.ssh/known_hosts; ssh-keygen -F secret.example.org -f /root/.ssh/known_hosts; [ "$(stat -c %a /root/.ssh)" = 700 ]`,
  },
  {
    name: 'knownHosts: a hashed host goes',
    tasks: () => [
      knownHosts({ name: 'secret.example.org', state: 'absent' }),
      knownHosts({ name: 'none.example.org', state: 'absent' }),
    ],
    expect: ['changed', 'ok'],
    afterwards: '! ssh-keygen -F secret.example.org -f /root/.ssh/known_hosts',
  },
  {
    name: 'aptPin: there, and gone',
    tasks: () => [
      aptPin({
        name: 'law',
        package: ['nginx', 'nginx-*'],
        pin: 'release a=bookworm-backports',
        priority: 600,
        explanation: 'größer',
      }),
      aptPin({ name: 'never', state: 'absent' }),
    ],
    expect: ['changed', 'ok'],
    afterwards: `printf 'Explanation: größer\\nPackage: nginx nginx-*\\nPin: release a=bookworm-backports\\nPin-Priority: 600\\n' | cmp - /etc/apt/preferences.d/law.pref; apt-cache policy >/dev/null`,
  },
  {
    name: 'aptRepository: with a key and lists fetched',
    setup: 'rm -rf /srv/repo; mkdir /srv/repo; : >/srv/repo/Packages',
    tasks: () => [
      aptRepository({
        name: 'law',
        uris: 'file:/srv/repo',
        suites: './',
        trusted: true,
        signedBy: repositoryKey,
        fingerprint: repositoryFingerprint,
      }),
    ],
    expect: ['changed'],
    afterwards: `[ "$(stat -c '%a %U' /etc/apt/keyrings/law.asc)" = '644 root' ]; printf 'Types: deb\\nURIs: file:/srv/repo\\nSuites: ./\\nTrusted: yes\\nSigned-By: /etc/apt/keyrings/law.asc\\n' | cmp - /etc/apt/sources.list.d/law.sources`,
  },
  {
    name: 'aptRepository: what cannot be fetched is put back',
    setup: 'cp /etc/apt/sources.list.d/law.sources before',
    tasks: () => [
      aptRepository({ name: 'law', uris: 'file:/srv/nothing', suites: './', trusted: true, signedBy: repositoryKey }),
    ],
    expect: ['failed'],
    again: ['failed'],
    open: 0,
    says: /lists|fetch/,
    afterwards: 'cmp before /etc/apt/sources.list.d/law.sources',
  },
  {
    name: 'aptRepository: gone with its key',
    tasks: () => [aptRepository({ name: 'law', state: 'absent' }), aptRepository({ name: 'never', state: 'absent' })],
    expect: ['changed', 'ok'],
    afterwards: '[ ! -e /etc/apt/sources.list.d/law.sources ]; [ ! -e /etc/apt/keyrings/law.asc ]; apt-get -q update',
  },
  {
    name: 'aptRepository: what cannot be fetched, by the key or by the address, is foretold',
    setup:
      'rm -rf /srv/signed; mkdir /srv/signed; : >/srv/signed/Packages; echo no key >/root/no.gpg; cp /usr/share/keyrings/debian-archive-keyring.gpg /root/k.asc',
    tasks: () => [
      aptRepository(
        { name: 'lawunsigned', uris: 'file:/srv/signed', suites: './', signedBy: repositoryKey },
        { ignoreErrors: true },
      ),
      aptRepository(
        { name: 'lawnokey', uris: 'file:/srv/signed', suites: './', signedBy: '/root/no.gpg' },
        { ignoreErrors: true },
      ),
      aptRepository({
        name: 'lawnowhere',
        uris: 'http://127.0.0.1:9/x',
        suites: 'x',
        components: 'main',
        trusted: true,
      }),
    ],
    expect: ['failed', 'failed', 'failed'],
    again: ['failed', 'failed', 'failed'],
    says: /fetch the lists of lawunsigned/,
    foretells: /fetch the lists of lawunsigned/,
    afterwards: '[ -z "$(ls /etc/apt/sources.list.d | grep law)" ]; apt-get indextargets >/dev/null',
  },
  {
    name: 'aptRepository: another source that says otherwise of the same repository, there or planned',
    setup:
      'rm -rf /srv/twice; mkdir -p /srv/twice /srv/thrice; : >/srv/twice/Packages; : >/srv/thrice/Packages; echo "deb [trusted=yes signed-by=/root/k.gpg] file:/srv/twice ./" >/etc/apt/sources.list.d/lawold.list; cp /usr/share/keyrings/debian-archive-keyring.gpg /root/k.gpg',
    tasks: () => [
      aptRepository(
        { name: 'lawtwice', uris: 'file:/srv/twice', suites: './', trusted: true, signedBy: repositoryKey },
        { ignoreErrors: true },
      ),
      aptRepository({ name: 'lawone', uris: 'file:/srv/thrice', suites: './', trusted: true, signedBy: '/root/k.gpg' }),
      aptRepository(
        {
          name: 'lawother',
          uris: 'file:/srv/thrice',
          suites: './',
          trusted: true,
          signedBy: repositoryKey,
          updateCache: false,
        },
        { ignoreErrors: true },
      ),
      aptRepository({
        name: 'lawsame',
        uris: 'file:/srv/thrice',
        suites: './',
        trusted: true,
        signedBy: '/root/k.gpg',
      }),
      file({ path: '/etc/apt/sources.list.d/lawold.list', state: 'absent' }),
      aptRepository(
        { name: 'lawtwice', uris: 'file:/srv/twice', suites: './', trusted: true, signedBy: repositoryKey },
        { name: 'once the other is gone' },
      ),
    ],
    expect: ['failed', 'changed', 'failed', 'changed', 'changed', 'changed'],
    again: ['ok', 'ok', 'failed', 'ok', 'ok', 'ok'],
    says: /could no longer read its sources with lawtwice/,
    afterwards: 'apt-get indextargets >/dev/null',
  },
  {
    name: 'aptRepository: they go',
    tasks: () => ['lawtwice', 'lawone', 'lawsame'].map((name) => aptRepository({ name, state: 'absent' })),
    expect: ['changed', 'changed', 'changed'],
  },
  {
    name: 'aptRepository: the key on the host is another',
    setup: 'cp /usr/share/keyrings/debian-archive-keyring.gpg /root/k.gpg',
    tasks: () => [
      aptRepository({
        name: 'law',
        uris: 'file:/srv/repo',
        suites: 'x',
        components: 'main',
        signedBy: '/root/k.gpg',
        fingerprint: repositoryFingerprint,
      }),
    ],
    expect: ['failed'],
    again: ['failed'],
    says: /refused: it holds [0-9A-F]{40}/,
  },
];
