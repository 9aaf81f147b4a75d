import { expect, test } from 'vitest';
import { azureIdentityOf } from './azure-identity.ts';

const POD = { AZURE_CLIENT_ID: 'c', AZURE_TENANT_ID: 't', AZURE_FEDERATED_TOKEN_FILE: '/token' };

test('is the pod’s own where Azure tells it all that it needs', () => {
  const federated = { kind: 'federated', clientId: 'c', tenantId: 't', tokenFile: '/token' };
  expect(azureIdentityOf(POD)).toEqual({ ...federated, authority: 'https://login.microsoftonline.com' });
  expect(azureIdentityOf({ ...POD, AZURE_AUTHORITY_HOST: 'https://login.microsoftonline.us/' })).toEqual({
    ...federated,
    authority: 'https://login.microsoftonline.us',
  });
});

test('is else the managed one: of the service that the workload runs in, or of the machine', () => {
  expect(azureIdentityOf({})).toEqual({ kind: 'managed', endpoint: undefined, clientId: undefined });
  expect(azureIdentityOf({ ...POD, AZURE_TENANT_ID: '' })).toEqual({
    kind: 'managed',
    endpoint: undefined,
    clientId: 'c',
  });
  expect(azureIdentityOf({ IDENTITY_ENDPOINT: 'http://x', IDENTITY_HEADER: 'secret' })).toEqual({
    kind: 'managed',
    endpoint: { url: 'http://x', secret: 'secret' },
    clientId: undefined,
  });
});
