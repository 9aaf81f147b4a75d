import type { Sha256Hex } from '@isartor/shared';

/**
 * Small models that stand in for the configured one, which the configuration and so the policy hash does not name. What
 * one of them answered is stored under a policy of its own, and is as good as any other as long as it stands in.
 */
export class StandIns {
  private read: () => readonly string[] = () => [];
  private readonly policy: string;
  private readonly sha256Hex: Sha256Hex;

  /** @param policy the hash of the configuration */
  constructor(policy: string, sha256Hex: Sha256Hex) {
    this.policy = policy;
    this.sha256Hex = sha256Hex;
  }

  /** Tells where to read their names, as the servers give them. */
  observe(read: () => readonly string[]): void {
    this.read = read;
  }

  /** Under which policy an answer is stored. */
  policyFor(standIn: string | undefined): string {
    return standIn === undefined ? this.policy : this.sha256Hex(`${this.policy} ${standIn}`);
  }

  /** Whether a policy is that of a model that stands in now. */
  has(policy: string): boolean {
    return this.read().some((name) => this.policyFor(name) === policy);
  }
}
