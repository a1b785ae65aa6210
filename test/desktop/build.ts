import { buildAppFolder } from './app-folder.ts';

/** Before the first file of the project: what is run is what the sources say now. */
export const setup = buildAppFolder;
