import { OPERATION_SPECS, type Operation, type ProviderDialect } from '@isartor/shared';
import type { AzureIdentity } from '../config/azure-identity.ts';
import type { PresetName } from '../config/provider-presets.ts';
import type { Upstream } from '../upstream/upstream.port.ts';

/** A cloud model. */
export interface Provider extends Upstream {
  /** The API that it speaks: it is asked for the operations of no other. */
  readonly dialect: ProviderDialect;
  /** The operations of that API that it has; undefined: all. */
  readonly serves?: ReadonlySet<Operation> | undefined;
  /** The model for requests that name none. */
  readonly defaultModel: string;
  /** May a streamed request ask for `stream_options.include_usage`? */
  readonly asksUsage: boolean;
  /** Its share of the first choice among providers; undefined or 0: it is only asked after others. */
  readonly weight?: number | undefined;
  /** How long one call may wait for its first byte, in ms; undefined: as long as the request has time. */
  readonly firstByteMs?: number | undefined;
  /** Of a provider with several keys: whether one of them may be asked with now. */
  hasReadyKey?(): boolean;
  /** Names of the models it serves; throws when it does not say. */
  listModels(signal: AbortSignal): Promise<readonly string[]>;
  close(): Promise<void>;
}

/** How to reach a provider. */
export interface ProviderOptions {
  readonly name: string;
  /** API base with its version, without a trailing slash. */
  readonly url: string;
  readonly apiKey: string | undefined;
  readonly defaultModel: string;
  readonly asksUsage: boolean;
  readonly weight?: number | undefined;
  readonly firstByteMs?: number | undefined;
  readonly betweenBytesMs: number;
  readonly serves?: readonly Operation[] | undefined;
  /** By what name it is known; undefined: by its API alone. */
  readonly preset?: PresetName | undefined;
  /** Of Azure: the dated version of its API. */
  readonly apiVersion?: string | undefined;
  /** Of Bedrock: the region that requests are signed for. */
  readonly region?: string | undefined;
  /** Who this process is for Azure; needed where a provider of Azure's has no key. */
  readonly azureIdentity?: AzureIdentity | undefined;
}

/** Whether a provider can be asked for an operation as it stands, nothing translated. */
export function servesOperation(
  { dialect, serves }: Pick<Provider, 'dialect' | 'serves'>,
  operation: Operation,
): boolean {
  return OPERATION_SPECS[operation].providerDialect === dialect && serves?.has(operation) !== false;
}

/** Token of the providers in use, in the order in which they are asked; at least one. */
export const Providers = Symbol('Providers');
