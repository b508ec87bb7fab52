/** Text that `ansible-vault encrypt_string` made. */
export const vaultTag = {
  by: 'vault',
  begin: '$ANSIBLE_VAULT;',
  how: 'Paste the whole output of `play vault encrypt-string`, indented below the key.',
} as const;

/** Single values that are encrypted, in a file in the clear. */
export const encryptedTags = {
  '!vault': vaultTag,
  '!vault-encrypted': vaultTag,
  '!age': {
    by: 'age',
    begin: '-----BEGIN AGE ENCRYPTED FILE-----',
    how: 'Paste the whole output of `age --armor`, or of `play vault encrypt-string --age-recipient`, indented below the key.',
  },
} as const;

/** Those of YAML's own that are read. */
export const standardTags = /^tag:yaml\.org,2002:(?:str|int|float|bool|null|timestamp|map|seq|set|omap|pairs|binary)$/;
