/** Small packages of rpm in several versions, and a repository of them: made on the host, which has the real rpmbuild. */
export interface SmallRpm {
  readonly name: string;
  readonly version: string;
  /** Lines of its preamble: `Requires: other`. */
  readonly preamble?: readonly string[];
}

const specOf = ({ name, version, preamble = [] }: SmallRpm): string => `Name: ${name}
Version: ${version}
Release: 1
Summary: Stands for the real ${name} in tests
License: MIT
BuildArch: noarch
${preamble.join('\n')}
%description
Stands for the real ${name}.
%install
mkdir -p %{buildroot}/usr/share/${name}
echo ${version} >%{buildroot}/usr/share/${name}/version
%files
/usr/share/${name}
`;

/**
 * sh that builds packages into a folder with the metadata of a repository. Debian's rpm keeps its database in the home
 * of who calls it, and dnf's plugins there want the network: both are told otherwise, as Fedora and RHEL have it.
 *
 * @param groups comps.xml: groups of packages, by their ids
 */
export function rpmRepositorySh(
  folder: string,
  packages: readonly SmallRpm[],
  groups: Readonly<Record<string, readonly string[]>> = {},
): string {
  const builds = packages.map(
    (one) => `cat >'/var/tmp/${one.name}.spec' <<'SPEC'
${specOf(one)}SPEC
rpmbuild --quiet -bb --define '_topdir /var/tmp/build' --define '_rpmdir ${folder}' --define '_build_name_fmt %%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm' '/var/tmp/${one.name}.spec' 2>&1 | { grep -iv warning || :; }`,
  );
  const comps = Object.entries(groups).map(
    ([id, names]) =>
      `<group><id>${id}</id><name>${id}</name><uservisible>true</uservisible><packagelist>${names.map((name) => `<packagereq type="mandatory">${name}</packagereq>`).join('')}</packagelist></group>`,
  );
  return `set -e
mkdir -p /etc/rpm /var/lib/rpm /etc/yum.repos.d '${folder}'
echo '%_dbpath /var/lib/rpm' >/etc/rpm/macros
grep -q '^plugins=' /etc/dnf/dnf.conf || echo 'plugins=0' >>/etc/dnf/dnf.conf
${builds.join('\n')}
echo '<comps>${comps.join('')}</comps>' >'${folder}/comps.xml'
createrepo_c -q -g comps.xml '${folder}'
rm -rf /var/tmp/build /var/tmp/*.spec
rpm -qa >/dev/null`;
}
