/** Where certificates and keys are, for those who make them and those who use them. */
export const certificateFolder = '/etc/ssl/ooni';
export const certificateOf = (name: string): string => `${certificateFolder}/${name}.crt`;
export const keyOf = (name: string): string => `${certificateFolder}/${name}.key`;
