/** The port of a listening server, from its `address()`. */
export function portOf(address: string | { readonly port: number } | null): number {
  if (address === null || typeof address === 'string') throw new Error('the server listens on no TCP port');
  return address.port;
}
