import { type FolderCoverage, percent, together } from './by-folder.ts';

/** docs/coverage.md: a table by folder, and what it was measured on. */
export function coveragePage(folders: readonly FolderCoverage[], date: string, commit: string): string {
  const row = ({ folder, files, lines, branches }: FolderCoverage): string =>
    `| ${folder} | ${files} | ${percent(lines)} | ${lines.covered} of ${lines.total} | ${percent(branches)} | ${branches.covered} of ${branches.total} |`;
  return `${[
    '# What the unit tests run',
    '',
    `Measured on ${date} at commit ${commit} by \`npm run coverage\`, which writes this page and the badge of the README anew.`,
    '',
    'Only the `unit` tests are counted, by V8 in their own process. What the pages in a real Chromium, the package, and the integration, end-to-end, endurance and desktop tests',
    'run happens in other processes and is **not** in these figures. So the doors, the scripts for a server and the React components stand low here, and are met by those tests only.',
    'A line that ran is not a line that was tested: `test/mutation/README.md` says for the pure folders how many changes of the code a test notices.',
    '',
    '| folder | files | lines % | lines | branches % | branches |',
    '| --- | ---: | ---: | ---: | ---: | ---: |',
    ...folders.map(row),
    row(together(folders)),
  ].join('\n')}\n`;
}

/** The badge, a picture of its own so that a README shows it without asking anybody. */
export function badge(share: number): string {
  const colour = share >= 80 ? '#2e7d32' : share >= 60 ? '#8d6e00' : '#b3261e';
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" width="150" height="20" role="img" aria-label="unit coverage: ${share} %">`,
    '  <rect width="104" height="20" rx="3" fill="#444"/>',
    `  <rect x="100" width="50" height="20" rx="3" fill="${colour}"/>`,
    '  <g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11" text-anchor="middle">',
    '    <text x="50" y="14">unit coverage</text>',
    `    <text x="125" y="14">${share} %</text>`,
    '  </g>',
    '</svg>',
  ].join('\n')}\n`;
}
