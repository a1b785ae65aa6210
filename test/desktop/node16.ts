import './node16-globals.ts';

require('../../main/desktop.ts');
