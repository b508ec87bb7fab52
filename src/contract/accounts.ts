/** A line of passwd(5). A negative number is not known yet: a planned package creates the account. */
export interface TableUser {
  /** The name. */
  readonly name: string;
  /** Its number. */
  readonly uid: number;
  /** The number of its primary group. */
  readonly gid: number;
  /** The field for the full name (GECOS). */
  readonly comment: string;
  /** The home directory. */
  readonly home: string;
  /** The login shell. */
  readonly shell: string;
}

/** A line of group(5). */
export interface TableGroup {
  /** The name. */
  readonly name: string;
  /** Its number. */
  readonly gid: number;
  /** Its members, except users whose primary group it is. */
  readonly members: readonly string[];
}

/**
 * All users and groups that can be listed, in the order in which names are looked up: of two with the same number, the
 * first counts.
 */
export interface AccountTable {
  /** As in passwd(5). */
  readonly users: readonly TableUser[];
  /** As in group(5). */
  readonly groups: readonly TableGroup[];
  /** Names that planned changes remove or renumber. Any other name that is not listed comes from elsewhere (LDAP). */
  readonly former: { readonly users: readonly string[]; readonly groups: readonly string[] };
}
