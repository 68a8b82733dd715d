// An AWS Lambda function behind an API Gateway or a function URL. One file, with the kernels inside it:
//
//   npx esbuild examples/lambda/handler.js --bundle --platform=node --target=node20 --format=cjs --minify --outfile=build/lambda/index.js
//
// To be uploaded as `index.js`, with `index.handler` as its handler.

import { Buffer } from 'node:buffer';
import { respond } from '../serverless.js';

/**
 * @typedef {object} Event - of payload format 2.0, or of 1.0
 * @property {{ http?: { method: string } }} [requestContext]
 * @property {string} [rawPath]
 * @property {string} [httpMethod]
 * @property {string} [path]
 * @property {string | null} [body]
 * @property {boolean} [isBase64Encoded]
 */

/** @param {Event} event */
export const handler = async ({ requestContext, rawPath, httpMethod, path, body, isBase64Encoded }) => {
  const method = requestContext?.http?.method ?? httpMethod ?? '';
  const bytes = Buffer.from(body ?? '', isBase64Encoded ? 'base64' : 'utf8');
  const answer = await respond(method, rawPath ?? path ?? '', [bytes]);
  return { statusCode: answer.status, headers: answer.headers, body: answer.body };
};
