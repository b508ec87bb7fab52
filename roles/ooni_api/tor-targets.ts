import type { TorTargetInput } from './tor-targets-schema.ts';

/**
 * What probes try to reach of Tor: directory authorities and bridges. Edit, then
 *
 *     ./play deploy-backend.ts --diff -l ams-pg-test.ooni.org -t api -C
 *     ./play deploy-backend.ts --diff -l ams-pg-test.ooni.org -t api
 *
 * MADE-UP DATA in the documented shape: addresses are of the networks kept for documentation (RFC 5737, RFC 3849),
 * fingerprints and certs are random. Put the real ones in their place. An authority stands twice, once for each of its
 * ports.
 */
const authorities: readonly (readonly [
  name: string,
  address: string,
  dirPort: number,
  orPort: number,
  fingerprint: string,
])[] = [
  ['alder', '198.51.100.11', 9030, 443, '8B44DEC89DE3DEBED7B1F9C6EC507F2A0032A206'],
  ['birch', '198.51.100.12', 80, 443, 'B4CCB65C7A6E791D68AF71A0F6C3D0352534E913'],
  ['cedar', '198.51.100.13', 9030, 9001, '1710FD4596F1BF4C9981B1842B59A7B41DA94B18'],
  ['dogwood', '198.51.100.14', 9030, 443, '4E5F868A4471082FF0136509D6677027EC7A2A51'],
  ['elm', '198.51.100.15', 9030, 443, '26149434BC2B1DF4C78CCFC45ADDA7BF0019B2D9'],
  ['fir', '198.51.100.16', 80, 443, 'D847C51E972819189C5C8155EA88AA94723F5DDF'],
  ['ginkgo', '198.51.100.17', 80, 443, 'A4B455DD5A410E799B9BE95BEE0C9DF192E0461F'],
  ['hazel', '198.51.100.18', 80, 9001, 'C3C10892FAB7A49DC035538D564247A04BB4905F'],
  ['ironwood', '198.51.100.19', 9030, 443, '805C516A39DC4F8F29C62DCF68E0AD46503E634D'],
  ['juniper', '198.51.100.20', 80, 443, '4F2108AC4EB85B0AF1F32D05F5391A97E7CA3285'],
];

export const torTargets: readonly TorTargetInput[] = [
  ...authorities.flatMap(([name, address, dirPort, orPort, fingerprint]): TorTargetInput[] => [
    { protocol: 'dir_port', name, address: `${address}:${dirPort}`, fingerprint },
    { protocol: 'or_port_dirauth', name, address: `${address}:${orPort}`, fingerprint },
  ]),
  {
    protocol: 'obfs4',
    address: '203.0.113.21:2759',
    fingerprint: 'F20AE0D0AE1EAC2A1CF4BD16B1EE31DFDF917AD4',
    params: { 'cert': ['S629QsStUW9v3/xXTg2SVBwcvDR0+6Y+gwp7FxP3HDd3Q6lQB95e3pR1OI9o+Lqfru2BNQ'], 'iat-mode': ['0'] },
  },
  {
    protocol: 'obfs4',
    address: '203.0.113.22:47452',
    fingerprint: '9CA39DB3B0A0BE4B115AF7E8536EB9FFF8546390',
    params: { 'cert': ['b2sk0ztgoFb9xZpe48fJYnBJfmJ233UzZb1hR9VrPVbAxrnJ6KckKpqqlZOvLxOjaDxGDA'], 'iat-mode': ['0'] },
  },
  {
    protocol: 'obfs4',
    address: '203.0.113.23:50761',
    fingerprint: 'D05E6994A9B3F54D5BF463ED5D605CBD4E134E51',
    params: { 'cert': ['td3uwDNeKoBKdfVaDF9EKScjy6GulOF5Scrc0IHn8Fl1Eii2hhkR1/KG8cNSNjSkD/tTow'], 'iat-mode': ['0'] },
  },
  {
    protocol: 'obfs4',
    address: '203.0.113.24:51351',
    fingerprint: '675374E69A0D5F510CB04602F5FC3FA0106274DD',
    params: { 'cert': ['S1bQbuKJml/ATkvjRLOS0E7boBOnMdamw2mYw9RTGTSa/uQPBFioaFPrK6ugN2XV1ovrUg'], 'iat-mode': ['0'] },
  },
  {
    protocol: 'obfs4',
    address: '[2001:db8::25]:443',
    fingerprint: '54A1C40A2FE6C63A286F645E9237447B20F8B098',
    params: { 'cert': ['lto0cxbf2wMg8j8wCceq4q7q9iqw590clAUDiMOrFMyRZhMVkX5lD+4531onLY9yX0nFbw'], 'iat-mode': ['0'] },
  },
  // Given out to some only: never shown in diffs.
  {
    protocol: 'obfs4',
    address: '203.0.113.26:36250',
    fingerprint: '1729FFC1BC3B12D908C2DF17B1F4EB11D8779EBB',
    params: { 'cert': ['fdc55+2FL0dwZKcPeV3hU5/cvTPzt2jgZ3muoBVGatJGHcgIcvt1DxpTrn4E8/WHFYbPGg'], 'iat-mode': ['0'] },
    secret: true,
  },
];
