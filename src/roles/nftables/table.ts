import { handler, nftables, option, v, type HostView, type Keywords, type Task } from 'play';

/** Where the firewall of a host is. They are set in the inventory, as other roles that open ports look there as well. */
export const firewallPlace = {
  firewall_table: option.text('The name of the table, in the family `inet`.', 'firewall'),
  firewall_folder: v.optional(option.path('The folder with the files that open ports.'), '/etc/nftables.d/ports'),
};

/** The same of one host, whichever role asks. @throws ValiError where the inventory has what is none */
export function firewallOf(host: HostView): { readonly table: string; readonly folder: string } {
  const { firewall_table: table, firewall_folder: folder } = v.parse(v.object(firewallPlace), host.vars);
  return { table, folder };
}

/** The one table that is play's; those of docker, fail2ban and others stay. */
export function firewall(host: HostView, keywords: Keywords = {}): Task {
  const { table, folder } = firewallOf(host);
  return nftables(
    {
      table,
      include: folder,
      rules: `# To let everything through, from the console: nft delete table inet ${table}
	chain input {
		type filter hook input priority filter; policy drop;

		iifname "lo" accept
		ct state established,related accept
		ct state invalid drop

		# Path MTU discovery, neighbours and ping.
		meta l4proto { icmp, ipv6-icmp } accept
		# Answers of DHCPv6, which come from another address than was asked.
		ip6 saddr fe80::/10 udp sport 547 udp dport 546 accept

		# One file a port.
		include "${folder}/*.nft"
	}`,
    },
    keywords,
  );
}

/**
 * Checks all rules, then activates them in one transaction. If nft refuses a port file, the active rules stay as
 * they are.
 */
export const firewallChanged = handler('reload the firewall', ({ host }) => firewall(host));
