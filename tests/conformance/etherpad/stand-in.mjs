// A server in Etherpad's place that says what it was asked for: node stand-in.mjs PORT
import { createServer } from 'node:http';

createServer((request, response) => {
  response.setHeader('content-type', 'text/html');
  response.end(`<!doctype html><title>Pad</title><p id="pad">${request.url.split('?')[0].replace(/[<>&]/g, '')}</p>`);
}).listen(Number(process.argv[2]), '127.0.0.1');
