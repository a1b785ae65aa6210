declare module 'core-js/stable';
declare module 'core-js/proposals/explicit-resource-management';
