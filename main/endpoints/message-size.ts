/** A message larger than this (bytes) closes the connection: no call of the contract comes near it. */
export const largestMessage = 4 * 1024 * 1024;
