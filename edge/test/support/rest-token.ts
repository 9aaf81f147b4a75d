/** The token of the Redis REST server under test. */
export const REST_TOKEN = 'rest-token';
