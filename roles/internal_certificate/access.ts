/** For roles whose services show the host's certificate of our own authority. */
import { group, type HostView, type Task } from 'play';

/** Who is in it may read the host's key. */
export const internalGroup = 'ooni-internal';

/**
 * Whether the host gets a certificate: there is an authority, or the host is a throwaway one, which have one of their
 * own.
 */
export const hasInternalCertificate = (host: HostView, authority: string | undefined): boolean =>
  host.isSandbox || authority !== undefined;

/**
 * For whoever needs the group before the certificate is there: a unit that names a group which is not there does not
 * start.
 */
export const makeInternalGroup = (): Task =>
  group({ name: internalGroup, system: true }, { name: 'group of who shows our certificate' });
