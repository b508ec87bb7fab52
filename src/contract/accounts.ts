/** A line of passwd(5). A number below zero is not known yet: that of an account a planned package makes. */
export interface TableUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly comment: string;
  readonly home: string;
  readonly shell: string;
}

/** A line of group(5). */
export interface TableGroup {
  readonly name: string;
  readonly gid: number;
  readonly members: readonly string[];
}

/**
 * All users and groups that can be listed, in the order in which names are looked for: of two with one number the first
 * counts.
 */
export interface AccountTable {
  /** As in passwd(5). */
  readonly users: readonly TableUser[];
  /** As in group(5). */
  readonly groups: readonly TableGroup[];
  /**
   * Names that planned changes take away or give another number. Other names that are not listed come from elsewhere
   * (LDAP).
   */
  readonly former: { readonly users: readonly string[]; readonly groups: readonly string[] };
}
