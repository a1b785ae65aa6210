import { createContext } from 'react';

/**
 * Where something stands: outside of any table (undefined), in a cell of one (`idle`), or in the cell to which the arrow keys led (`reached`).
 * A table has one stop of the Tab key, so what a cell explains is shown when the cell is reached and not by a stop of its own.
 */
export const CellPlace = createContext<'idle' | 'reached' | undefined>(undefined);
