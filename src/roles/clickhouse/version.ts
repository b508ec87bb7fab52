/** What Debian has, up to 12. */
const ofDebian = '18.16';

/** The version to reckon with: that asked for, Debian's, or any that is to come where the makers' repository gives the newest. */
export const expectedVersion = (asked: string | undefined, hasRepository: boolean): string =>
  asked ?? (hasRepository ? '99' : ofDebian);

/** Year and month as a number: 23.8 is 23.08, which is later than 21.11. */
export function majorOf(version: string): number {
  const [year = '0', month = '0'] = version.split('.');
  return Number(year) + Number(month) / 100;
}

/** Whether users can be made by SQL: since 20.5, where access_management is. */
export const hasSqlUsers = (version: string): boolean => majorOf(version) >= 20.05;

/** The outermost element of its settings: the old name until 21, and files that are merged must have the same. */
export const rootElement = (version: string): string => (majorOf(version) < 22 ? 'yandex' : 'clickhouse');
