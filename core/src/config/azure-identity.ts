import type { Environment } from './read-environment.ts';

/** Who the workload is for Entra ID, as Azure itself tells its pods and services. */
export type AzureIdentity =
  | {
      readonly kind: 'federated';
      /** Holds the pod's token; its content changes about once an hour. */
      readonly tokenFile: string;
      readonly clientId: string;
      readonly tenantId: string;
      /** Without a slash at its end. */
      readonly authority: string;
    }
  | {
      readonly kind: 'managed';
      /** Undefined: the machine's metadata server. */
      readonly endpoint: { readonly url: string; readonly secret: string } | undefined;
      /** Of an identity that several are assigned to; undefined: the machine's own. */
      readonly clientId: string | undefined;
    };

const AUTHORITY = 'https://login.microsoftonline.com';

/**
 * What Azure's own libraries read from the environment: the names are Azure's
 * (https://learn.microsoft.com/azure/aks/workload-identity-overview,
 * https://learn.microsoft.com/azure/app-service/overview-managed-identity).
 */
export function azureIdentityOf(env: Environment): AzureIdentity {
  const given = (name: string): string | undefined => (env[name] === '' ? undefined : env[name]);
  const clientId = given('AZURE_CLIENT_ID');
  const tenantId = given('AZURE_TENANT_ID');
  const tokenFile = given('AZURE_FEDERATED_TOKEN_FILE');
  if (clientId !== undefined && tenantId !== undefined && tokenFile !== undefined) {
    const authority = (given('AZURE_AUTHORITY_HOST') ?? AUTHORITY).replace(/\/+$/, '');
    return { kind: 'federated', tokenFile, clientId, tenantId, authority };
  }
  const url = given('IDENTITY_ENDPOINT');
  const secret = given('IDENTITY_HEADER');
  const endpoint = url === undefined || secret === undefined ? undefined : { url, secret };
  return { kind: 'managed', endpoint, clientId };
}
