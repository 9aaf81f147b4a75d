import type { FakeUpstream } from '@isartor/shared/testing';

/** A gateway under test, in front of an upstream of its own whose faults are programmed. */
export interface Target {
  readonly origin: string;
  /** What a client must send beside its body. */
  readonly headers: Readonly<Record<string, string>>;
  readonly upstream: FakeUpstream;
  stop(): Promise<void>;
}
