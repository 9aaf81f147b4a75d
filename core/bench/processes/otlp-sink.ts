// A collector that takes everything and keeps nothing; COLLECTOR_MOOD: `refuses` says that it is not available, `stalls`
// never answers. By gRPC, or by HTTP where COLLECTOR_PROTOCOL says so.
import { createServer } from 'node:http';
import { Server, ServerCredentials, status, type sendUnaryData, type ServerUnaryCall } from '@grpc/grpc-js';

const SERVICES = ['trace.v1.TraceService', 'metrics.v1.MetricsService'];
const { COLLECTOR_MOOD: mood, COLLECTOR_PROTOCOL: protocol } = process.env;
const same = (bytes: Buffer): Buffer => bytes;

const take = (_call: ServerUnaryCall<Buffer, Buffer>, done: sendUnaryData<Buffer>): void => {
  if (mood === 'stalls') return;
  if (mood === 'refuses') done({ code: status.UNAVAILABLE, details: 'overloaded' });
  else done(null, Buffer.alloc(0));
};

function listenByGrpc(listening: (port: number) => void): void {
  const server = new Server();
  for (const service of SERVICES) {
    const method = {
      path: `/opentelemetry.proto.collector.${service}/Export`,
      requestStream: false,
      responseStream: false,
      requestSerialize: same,
      requestDeserialize: same,
      responseSerialize: same,
      responseDeserialize: same,
    };
    server.addService({ Export: method }, { Export: take });
  }
  server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) => {
    if (error !== null) throw error;
    listening(port);
  });
}

function listenByHttp(listening: (port: number) => void): void {
  const server = createServer((request, response) => {
    request.resume().once('end', () => {
      if (mood !== 'stalls') response.writeHead(mood === 'refuses' ? 503 : 200).end();
    });
  });
  server.listen(0, '127.0.0.1', () => {
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no TCP port');
    listening(address.port);
  });
}

const listen = protocol === 'http' ? listenByHttp : listenByGrpc;
listen((port) => {
  process.once('disconnect', () => process.exit(0));
  process.once('SIGTERM', () => process.exit(0));
  process.send?.({ port });
});
