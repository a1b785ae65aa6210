/**
 * What a window may do with a page, whichever door it came through. Scripts come from our files alone: nothing inline, nothing evaluated,
 * nothing of another host. Style elements (Mantine's variables, CodeMirror's theme) carry this answer's nonce; style attributes need no
 * rule, because React sets them through the object model, which the policy does not govern. `connect` is what the page may speak to.
 */
export function pageHeaders(nonce: string, connect: string): Readonly<Record<string, string>> {
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "font-src 'self'",
    `connect-src ${connect}`,
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ];
  return {
    'content-security-policy': policy.join('; '),
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
  };
}
