/** What is known of a host whose twin is to be made. Holds no secret. */
export interface Portrait {
  readonly release: string;
  readonly packages: readonly HostPackage[];
  /** Tables of accounts as they stand in /etc, without hashes of passwords. */
  readonly accounts: AccountTables;
  /** A tar archive of `etc/`, as GNU tar writes it, without what is secret. */
  readonly etc: Uint8Array;
  /** Files that hold a private key on the host: the twin gets keys of its own there. */
  readonly keys: readonly KeyFile[];
  /** Names of units that do not run in the twin: networks, clocks, disks. */
  readonly masked: readonly string[];
}

export interface HostPackage {
  readonly name: string;
  readonly architecture: string;
  readonly version: string;
  /** Asked for by somebody, not only needed by another package. */
  readonly isManual: boolean;
  readonly isHeld: boolean;
}

export interface AccountTables {
  readonly passwd: string;
  readonly group: string;
  readonly shadow: string;
  readonly gshadow: string;
}

export interface KeyFile {
  /** Absolute. */
  readonly path: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** The file, a key of the twin's own in place of the host's. */
  readonly content: string;
  /** The new key alone, by which certificates of the old one are made anew. */
  readonly key: string;
  /** Absolute paths of the files whose first certificate is shown by this key. */
  readonly certificates: readonly string[];
}

/** What became of a portrait. */
export interface TwinMade {
  /** Packages whose version is another one: the archive no longer has the host's. */
  readonly otherVersion: readonly { readonly name: string; readonly wanted: string; readonly got: string }[];
  /** Packages that could not be had at all. */
  readonly missing: readonly { readonly name: string; readonly version: string }[];
  /** Packages left out: kernels, boot loaders, firmware. */
  readonly leftOut: readonly string[];
  /** How many are of the host's version. */
  readonly same: number;
  /** What apt said where packages could not be installed; empty where all went well. */
  readonly trouble: string;
  /** Why its firewall is not in force, where it would keep us out. */
  readonly firewall: string | undefined;
}
