import { GatewayError } from '@isartor/shared';
import type { ByteBudget } from '../pipeline/byte-budget.ts';

/** What a refused caller is told to wait, in seconds. */
const RETRY_AFTER_SECS = 1;

/** Bounds on what is in flight in this process. */
export interface InflightBounds {
  readonly maxRequests: number;
  readonly maxBytes: number;
}

/**
 * Counts requests and bytes in flight and refuses what goes over the bounds, so that memory stays bounded whatever
 * clients send. A request that is alone in flight is always admitted; a tenant may hold more than half of the bytes
 * only while no other tenant holds any.
 */
export class InflightBudget implements ByteBudget {
  private requests = 0;
  /** Charged to requests. */
  private bytes = 0;
  /** Taken for what requests share. */
  private shared = 0;
  private readonly bytesByTenant = new Map<string, number>();

  constructor(private readonly bounds: InflightBounds) {}

  /** Requests in flight. */
  get inFlight(): number {
    return this.requests;
  }

  /** Bytes charged and taken. */
  get bytesInFlight(): number {
    return this.bytes + this.shared;
  }

  take(bytes: number): boolean {
    if (this.bytesInFlight + bytes > this.bounds.maxBytes) return false;
    this.shared += bytes;
    return true;
  }

  give(bytes: number): void {
    this.shared -= bytes;
  }

  /** Admits a request or throws GatewayError `overloaded`. */
  admit(tenant: string): InflightLease {
    if (this.requests >= this.bounds.maxRequests) throw overloaded('requests');
    this.requests += 1;
    return new InflightLease(this, tenant);
  }

  /** Charges bytes to a lease or throws GatewayError `overloaded`. Called by the lease. */
  charge(lease: InflightLease, bytes: number): void {
    const alone = this.bytes === lease.bytes;
    const ofTenant = this.bytesByTenant.get(lease.tenant) ?? 0;
    const othersHold = this.bytes > ofTenant;
    const overHalf = othersHold && ofTenant + bytes > this.bounds.maxBytes / 2;
    if (!alone && (this.bytesInFlight + bytes > this.bounds.maxBytes || overHalf)) throw overloaded('bytes');
    this.add(lease.tenant, bytes);
  }

  /** Gives bytes back. Called by the lease. */
  credit(tenant: string, bytes: number): void {
    this.add(tenant, -bytes);
  }

  /** Ends a request. Called by the lease. */
  leave(): void {
    this.requests -= 1;
  }

  private add(tenant: string, bytes: number): void {
    this.bytes += bytes;
    const ofTenant = (this.bytesByTenant.get(tenant) ?? 0) + bytes;
    if (ofTenant === 0) this.bytesByTenant.delete(tenant);
    else this.bytesByTenant.set(tenant, ofTenant);
  }
}

/** One request's share of the budget. */
export class InflightLease {
  /** Bytes charged to this request. */
  bytes = 0;
  private released = false;

  constructor(
    private readonly budget: InflightBudget,
    readonly tenant: string,
  ) {}

  /**
   * Charges more bytes; throws GatewayError `overloaded` when the budget does not allow it. After the release it does
   * nothing: nobody would give the bytes back.
   */
  charge(bytes: number): void {
    if (this.released) return;
    this.budget.charge(this, bytes);
    this.bytes += bytes;
  }

  /** Gives some of the bytes back before the request ends. */
  credit(bytes: number): void {
    if (this.released) return;
    this.bytes -= bytes;
    this.budget.credit(this.tenant, bytes);
  }

  /** Gives everything back; further calls do nothing. */
  release(): void {
    if (this.released) return;
    this.credit(this.bytes);
    this.released = true;
    this.budget.leave();
  }
}

function overloaded(what: 'requests' | 'bytes'): GatewayError {
  return new GatewayError('overloaded', `The gateway has too many ${what} in flight. Try again shortly.`, {
    retryAfterSecs: RETRY_AFTER_SECS,
  });
}
