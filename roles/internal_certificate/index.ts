import { apt, command, copy, defineRole, file, local, slurp, stat, v, option, systemFiles } from 'play';
import { internalGroup, makeInternalGroup } from './access.ts';
import { authorityOf, signRequest } from './authority.ts';
import { internal } from './paths.ts';

/**
 * A certificate of our own authority for the host: what our machines prove to each other who they are with. The host's
 * key is made on the host and never leaves it; who is in its group may read it. The authority's key is in the memory of
 * the run that signs, and nowhere else.
 */
export const internalCertificate = defineRole(import.meta, {
  vars: {
    internal_ca_certificate: v.optional(
      option.text(
        'Certificate of the authority. Absent: no certificate, but on a throwaway host, which gets one of an authority of throwaway hosts.',
        v.startsWith('-----BEGIN CERTIFICATE-----', 'must be a certificate in PEM'),
      ),
    ),
    internal_ca_key: v.optional(option.secret('Its key, in PEM. Needed while a host has no certificate yet.')),
    internal_certificate_also: option.list(
      'Further names the certificate is for. It is not made again when they change.',
      v.pipe(v.string(), v.regex(/^[a-z0-9.-]+$/, 'must be a host name')),
      [],
    ),
    internal_certificate_days: option.integer('How long a certificate is good for.', 3650, v.minValue(1)),
  },
  defaults: { ...systemFiles, installRecommends: false },
  tasks({ vars, host }) {
    const authority = authorityOf(host, vars.internal_ca_certificate, vars.internal_ca_key);
    if (authority === undefined) return [];
    const issued = stat({ path: internal.certificate }, { name: 'certificate of our authority?' });
    const request = slurp(
      { src: internal.request },
      { name: 'read the request', when: ({ results }) => !results(issued).stat.exists },
    );
    const signed = local(
      {
        changes: 'always',
        title: `sign the certificate of ${host.name}`,
        args: ({ results }) => results(request).text,
        run: ({ args }) =>
          signRequest(authority(), {
            request: args,
            names: [host.name, ...vars.internal_certificate_also],
            days: vars.internal_certificate_days,
          }),
      },
      { name: 'sign the certificate', when: ({ results }) => !results(issued).stat.exists },
    );
    return [
      apt({ name: 'openssl' }, { name: 'install openssl' }),
      makeInternalGroup(),
      file(
        { path: internal.folder, state: 'directory', owner: 'root', group: internalGroup, mode: '0710' },
        { name: 'folder for certificates of our authority' },
      ),
      // Looked at first: what the next command may make by then, nobody could tell.
      issued,
      command(
        {
          argv: [
            'openssl',
            'req',
            '-new',
            '-sha256',
            '-nodes',
            '-newkey',
            'ec',
            '-pkeyopt',
            'ec_paramgen_curve:prime256v1',
            '-subj',
            `/CN=${host.name}`,
            '-keyout',
            internal.key,
            '-out',
            internal.request,
          ],
          creates: internal.request,
        },
        { name: 'key of the host, and a request' },
      ),
      file({ path: internal.key, owner: 'root', group: internalGroup, mode: '0440' }, { name: 'who may read the key' }),
      request,
      signed,
      copy(
        {
          content: ({ results }) => results(signed).value.authority,
          dest: internal.authority,
          mode: '0444',
        },
        { name: 'certificate of the authority', when: ({ results }) => !results(issued).stat.exists },
      ),
      copy(
        {
          content: ({ results }) => results(signed).value.certificate,
          dest: internal.certificate,
          mode: '0444',
        },
        { name: 'certificate of the host', when: ({ results }) => !results(issued).stat.exists },
      ),
    ];
  },
});
