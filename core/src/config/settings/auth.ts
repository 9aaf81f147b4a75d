import { keyList } from '../key-list-type.ts';
import { setting } from '../setting.ts';
import { choice, flag, headerSecret } from '../value-types.ts';

/** L0: who may call, and how the edge proves itself to the core. */
export const AUTH_SETTINGS = {
  gatewayApiKey: setting({
    path: 'gateway_api_key',
    type: headerSecret(),
    default: undefined,
    defaultText: 'none: without any key the start fails, unless `auth.mode` is `off`',
    secret: true,
    doc: 'The key of tenant `default`.',
  }),
  authKeys: setting({
    path: 'auth.keys',
    type: keyList(),
    default: undefined,
    secret: true,
    doc: 'Keys of tenants, by their SHA-256 (hex); several per tenant, so that keys can be rotated.',
  }),
  authMode: setting({
    path: 'auth.mode',
    type: choice(['on', 'off']),
    default: 'on',
    doc: '`off`: no key is asked for, everyone is tenant `default`. Set it alike at edge and core.',
  }),
  edgeSecret: setting({
    path: 'edge_secret',
    type: headerSecret(),
    default: undefined,
    secret: true,
    doc: 'Shared by edge and core: with it the edge proves itself, and is told what it may keep.',
  }),
  edgeOnly: setting({
    path: 'edge_only',
    type: flag(),
    default: false,
    doc: '`true`: the core refuses every caller that does not prove `edge_secret`.',
  }),
  adminKey: setting({
    path: 'admin_key',
    type: headerSecret(),
    default: undefined,
    defaultText: "none: the cache's admin routes are off",
    secret: true,
    doc: "Key of the cache's admin routes.",
  }),
};
