/** Files of tests run beside each other, each with a control plane of its own: their addresses must not meet. */
const LANE = Number(process.env['VITEST_POOL_ID'] ?? 1) % 50;

/** The cluster addresses of Services. */
export const SERVICE_RANGE = `10.${100 + LANE}.0.0/16`;

/**
 * Addresses of the cluster without a network of its own: the API refuses pods in 127.0.0.0/8, so that 10.b.c.d in the API
 * is 127.b.c.d on this machine, which needs no root and no other name.
 */
export function onThisMachine(address: string): string {
  if (!address.startsWith('10.')) throw new Error(`${address} is not an address of the cluster`);
  return `127${address.slice(2)}`;
}

let pods = 0;

/** The next pod's address, as the API has it. Each is given once. */
export function nextPodAddress(): string {
  pods += 1;
  return `10.${200 + LANE}.${Math.floor(pods / 250)}.${(pods % 250) + 1}`;
}
