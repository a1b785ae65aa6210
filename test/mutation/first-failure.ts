import fc from 'fast-check';

/**
 * A mutant is found by the first value that a test fails on: looking for a smaller one would only cost time. A property that found none in half
 * a second passes, as it would for most mutants after all its values; so a mutant may be said to survive that a full run of the tests finds.
 */
fc.configureGlobal({ endOnFailure: true, interruptAfterTimeLimit: 500 });
