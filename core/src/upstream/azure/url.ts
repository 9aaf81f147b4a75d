import { pathSegment } from '../transport/path-segment.ts';
import type { UpstreamCall } from '../upstream.port.ts';

/** Where an Azure OpenAI resource is, and in which of its two forms it is asked. */
export interface AzureAddress {
  /**
   * `https://RESOURCE.openai.azure.com/openai/v1`, or the same without `/v1` for a dated version of the API; as Azure's
   * portal shows it, without either, it will do too.
   */
  readonly url: string;
  /** Such as `2024-10-21`; undefined: the API that has no dates, whose paths are OpenAI's. */
  readonly apiVersion: string | undefined;
}

/**
 * The address of a call. In a dated version the deployment, which is what is asked for as a model, stands in the path;
 * only `/responses` names it in its body (https://learn.microsoft.com/azure/foundry/openai/reference).
 */
export function azureUrl(
  address: AzureAddress,
  path: string,
  { model, query }: Pick<UpstreamCall, 'model' | 'query'>,
): string {
  const { url, apiVersion } = address;
  if (apiVersion === undefined) return `${withPath(url)}${path}${query}`;
  const deployment = path === '/responses' ? '' : `/deployments/${pathSegment(model)}`;
  return `${datedRoot(url)}${deployment}${path}${dated(query, apiVersion)}`;
}

export function modelsUrl({ url, apiVersion }: AzureAddress): string {
  return apiVersion === undefined ? `${withPath(url)}/models` : `${datedRoot(url)}/models${dated('', apiVersion)}`;
}

function datedRoot(url: string): string {
  return withPath(url).replace(/\/v1$/, '');
}

function withPath(url: string): string {
  return new URL(url).pathname === '/' ? `${url}/openai/v1` : url;
}

/** The version that the client asks for goes before ours. */
function dated(query: string, apiVersion: string): string {
  if (/[?&]api-version=/.test(query)) return query;
  return `${query === '' ? '?' : `${query}&`}api-version=${encodeURIComponent(apiVersion)}`;
}
