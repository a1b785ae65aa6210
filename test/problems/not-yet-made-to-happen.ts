/**
 * Problems that no test brings about yet, each with why: a debt that only shrinks. A test that asserts one of them is told to take it off
 * here, and a new problem comes with its test.
 */
export const notYetMadeToHappen: Readonly<Record<string, string>> = {
  'containerd-not-restarted':
    'wants a laptop in the lab whose containerd will not start again; the way back after it is tested by others',
  'daemon-json-edit-refused':
    'a guard behind the editor: no input is known that reaches it, and the properties of any file look for one',
};
