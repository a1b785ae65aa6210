import type { ContractRouterClient } from '@orpc/contract';
import type { contract } from '../../preload/contract/contract.ts';

/** The contract as typed calls, whichever door the page came through. */
export type Client = ContractRouterClient<typeof contract>;

/** The core as a page reaches it. The browser door, the desktop shell, tests and the stage each bring one of their own. */
export interface Connection {
  readonly client: Client;
  /** Resolves when calls can be made (again); rejects with a Problem when that will never be, because the core does not know this page. */
  opened(): Promise<void>;
  /** Lets go of the core; calls under way reject. */
  close(): void;
}
