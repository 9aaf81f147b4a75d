import { generate } from 'selfsigned';

/** A private key and its certificate, in PEM. */
export interface Certified {
  readonly key: string;
  readonly cert: string;
}

/** A certificate authority of one test's own. */
export function makeAuthority(): Promise<Certified> {
  return make('test-ca', [
    { name: 'basicConstraints', cA: true, critical: true },
    { name: 'keyUsage', keyCertSign: true, cRLSign: true, digitalSignature: true },
  ]);
}

/** A certificate of the authority for a server on loopback, and for a client of that name. */
export function makeCertificate(authority: Certified, name: string): Promise<Certified> {
  return make(
    name,
    [
      { name: 'basicConstraints', cA: false },
      { name: 'keyUsage', digitalSignature: true, keyEncipherment: true },
      { name: 'extKeyUsage', serverAuth: true, clientAuth: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 7, ip: '127.0.0.1' },
        ],
      },
    ],
    authority,
  );
}

type Extensions = NonNullable<NonNullable<Parameters<typeof generate>[1]>['extensions']>;

async function make(name: string, extensions: Extensions, ca?: Certified): Promise<Certified> {
  const options = { algorithm: 'sha256', extensions, ...(ca !== undefined && { ca }) };
  const { private: key, cert } = await generate([{ name: 'commonName', value: name }], options);
  return { key, cert };
}
