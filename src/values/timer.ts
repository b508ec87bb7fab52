/**
 * The longest a timer can be set for, in seconds: one of Node takes no more milliseconds than 31 bits hold, and goes
 * off at once with more.
 */
export const mostSeconds = Math.floor((2 ** 31 - 1) / 1000);
