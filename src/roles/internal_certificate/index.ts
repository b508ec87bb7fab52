import {
  apt,
  certificate,
  copy,
  defineRole,
  file,
  group,
  option,
  systemFiles,
  v,
  type HostView,
  type Task,
} from 'play';
import { authorityOf } from './authority.ts';

const folder = '/etc/ssl/internal';
/**
 * Where the host's certificate is, its key, and the certificate of the authority: for roles whose services present it.
 */
export const internalFiles = {
  key: `${folder}/host.key`,
  certificate: `${folder}/host.crt`,
  authority: `${folder}/authority.crt`,
} as const;

/** The group that may read the host's key. */
export const internalGroup = 'internal-tls';

/** The variable `internal_ca_certificate`, for roles that ask `hasInternalCertificate`. */
export const internalAuthority = v.optional(
  option.text(
    'Certificate of the authority, in PEM. Absent: no certificates, except on throwaway hosts, which have an authority of their own.',
    v.startsWith('-----BEGIN CERTIFICATE-----', 'must be a certificate in PEM'),
  ),
);

/**
 * Whether the host gets a certificate.
 *
 * @param authority what the variable `internal_ca_certificate` says
 */
export const hasInternalCertificate = (host: HostView, authority: string | undefined): boolean =>
  host.isSandbox || authority !== undefined;

/**
 * The task that creates the group, for roles that need it before there is a certificate: a unit that names a missing
 * group does not start.
 */
export const makeInternalGroup = (): Task => group({ name: internalGroup, system: true });

/** A certificate of one's own authority: what machines prove to each other who they are with. */
export const internalCertificate = defineRole(import.meta, {
  description:
    "A certificate from your own authority, with which machines identify themselves to each other. The host's key is created there and never leaves it; the authority's key is only in the memory of the run that signs. Renewed before it expires and when its names change; services that present it read it when they start.",
  vars: {
    internal_ca_certificate: internalAuthority,
    internal_ca_key: v.optional(option.secret('Its key, in PEM. Needed only when a certificate is due.')),
    internal_certificate_also: option.list(
      "Names for the certificate, besides the host's name in the inventory.",
      option.hostName('A name in the DNS.'),
      [],
    ),
    internal_certificate_days: option.integer('Days a certificate is valid.', 3650, v.minValue(31)),
  },
  defaults: { ...systemFiles, installRecommends: false },
  tasks({ vars, host }) {
    const authority = authorityOf(host, vars.internal_ca_certificate, vars.internal_ca_key);
    if (authority === undefined) return [];
    return [
      apt({ name: 'openssl' }),
      makeInternalGroup(),
      file({ path: folder, state: 'directory', group: internalGroup, mode: '0710' }),
      certificate(
        {
          path: internalFiles.certificate,
          privatekeyPath: internalFiles.key,
          subjectAltName: [host.name, ...vars.internal_certificate_also].map((name) => `DNS:${name}`),
          provider: 'ownca',
          owncaContent: () => authority.certificate(),
          owncaPrivatekeyContent: authority.key,
          validFor: vars.internal_certificate_days,
          owner: 'root',
          group: internalGroup,
          privatekeyMode: '0440',
        },
        { name: 'certificate of the host' },
      ),
      copy(
        { content: () => `${authority.certificate().trim()}\n`, dest: internalFiles.authority },
        { name: 'certificate of the authority' },
      ),
    ];
  },
});
